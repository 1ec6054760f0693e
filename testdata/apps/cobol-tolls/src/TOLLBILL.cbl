       IDENTIFICATION DIVISION.
       PROGRAM-ID. TOLLBILL.
       AUTHOR. HARBOUR DATA CENTRE.
       DATE-WRITTEN. 21/03/1991.
      *****************************************************************
      * WRITES A BILL FOR EACH SHIP FROM THE SORTED PASSAGES           *
      *****************************************************************
       ENVIRONMENT DIVISION.
       INPUT-OUTPUT SECTION.
       FILE-CONTROL.
           SELECT PASSAGES ASSIGN TO PASSIN
               ORGANIZATION IS LINE SEQUENTIAL.
           SELECT BILLS ASSIGN TO BILLOUT
               ORGANIZATION IS LINE SEQUENTIAL.
       DATA DIVISION.
       FILE SECTION.
       FD  PASSAGES.
       COPY PASSAGE REPLACING ==:TAG:== BY ==PASS==.
       FD  BILLS.
       01  BILL-LINE                   PIC X(60).
       WORKING-STORAGE SECTION.
       01  SWITCHES.
           05  END-SWITCH              PIC X VALUE 'N'.
               88  AT-END-OF-PASSAGES  VALUE 'Y'.
       01  CURRENT-SHIP                PIC X(12) VALUE SPACES.
       01  TOLL                        PIC 9(7)V99.
       01  SHIP-TOTAL                  PIC 9(7)V99 VALUE ZERO.
       01  BILL-COUNT                  PIC 9(5) VALUE ZERO.
       01  PRINTED.
           05  PRINTED-SHIP            PIC X(12).
           05  FILLER                  PIC X(04) VALUE SPACES.
           05  PRINTED-TOTAL           PIC Z,ZZZ,ZZ9.99.
       PROCEDURE DIVISION.
       MAIN-LINE.
           OPEN INPUT PASSAGES OUTPUT BILLS.
           PERFORM READ-PASSAGE.
           PERFORM BILL-PASSAGE UNTIL AT-END-OF-PASSAGES.
           PERFORM WRITE-BILL.
           CLOSE PASSAGES BILLS.
           DISPLAY 'TOLLBILL: ' BILL-COUNT ' BILLS WRITTEN'.
           STOP RUN.
       READ-PASSAGE.
           READ PASSAGES
               AT END SET AT-END-OF-PASSAGES TO TRUE
           END-READ.
       BILL-PASSAGE.
           IF PASS-SHIP NOT = CURRENT-SHIP
               PERFORM WRITE-BILL
               MOVE PASS-SHIP TO CURRENT-SHIP
           END-IF.
           CALL 'TOLLRATE' USING PASS-CLASS PASS-TONS TOLL.
           ADD TOLL TO SHIP-TOTAL.
           PERFORM READ-PASSAGE.
       WRITE-BILL.
           IF CURRENT-SHIP NOT = SPACES
               MOVE CURRENT-SHIP TO PRINTED-SHIP
               MOVE SHIP-TOTAL TO PRINTED-TOTAL
               WRITE BILL-LINE FROM PRINTED
               ADD 1 TO BILL-COUNT
               MOVE ZERO TO SHIP-TOTAL
           END-IF.
