      * ONE PASSAGE OF THE LOCK
       01  :TAG:-PASSAGE.
           05  :TAG:-SHIP              PIC X(12).
           05  :TAG:-TIME              PIC 9(08).
           05  :TAG:-CLASS             PIC X(01).
               88  :TAG:-BARGE         VALUE 'B'.
               88  :TAG:-YACHT         VALUE 'Y'.
           05  :TAG:-TONS              PIC 9(05).
           05  FILLER                  PIC X(14).
