"""What a piece of evidence is: claims and what bears them out, revisions and their moves, who may see what. Pure."""
