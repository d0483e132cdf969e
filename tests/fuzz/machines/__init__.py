"""State machines that hypothesis plays: what arrives, in any order and pieces, beside a model that is plain to see."""
