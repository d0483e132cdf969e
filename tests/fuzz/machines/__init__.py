"""State machines that hypothesis plays: what arrives, in any order and any pieces, beside a model that is plain to see."""
