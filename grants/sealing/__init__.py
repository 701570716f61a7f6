"""What holds the funder's key, which certificates count, and whose clock says when: below the agreements it seals."""
