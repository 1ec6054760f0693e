       IDENTIFICATION DIVISION.
       PROGRAM-ID. TOLLRATE.
      *****************************************************************
      * WORKS OUT THE TOLL OF ONE PASSAGE                              *
      *****************************************************************
       DATA DIVISION.
       WORKING-STORAGE SECTION.
       01  BARGE-PER-TON               PIC 9(3)V99 VALUE 0.85.
       01  YACHT-FLAT                  PIC 9(3)V99 VALUE 12.50.
       LINKAGE SECTION.
       01  RATE-CLASS                  PIC X(01).
       01  RATE-TONS                   PIC 9(05).
       01  RATE-TOLL                   PIC 9(7)V99.
       PROCEDURE DIVISION USING RATE-CLASS RATE-TONS RATE-TOLL.
       MAIN-LINE.
           EVALUATE RATE-CLASS
               WHEN 'B'
                   MULTIPLY RATE-TONS BY BARGE-PER-TON
                       GIVING RATE-TOLL ROUNDED
               WHEN 'Y'
                   MOVE YACHT-FLAT TO RATE-TOLL
               WHEN OTHER
                   MOVE ZERO TO RATE-TOLL
           END-EVALUATE.
           GOBACK.
