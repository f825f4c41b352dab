;; Has a second memory, beside the one that is capped.
(memory 1)
