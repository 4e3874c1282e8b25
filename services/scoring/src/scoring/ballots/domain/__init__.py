"""What a vote, a code and a paper are, and how papers are judged and counted."""
