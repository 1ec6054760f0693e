       IDENTIFICATION DIVISION.
       PROGRAM-ID. TOLLSORT.
       AUTHOR. HARBOUR DATA CENTRE.
       DATE-WRITTEN. 14/03/1991.
      *****************************************************************
      * SORTS THE DAY'S PASSAGES BY SHIP FOR TOLLBILL                  *
      *****************************************************************
       ENVIRONMENT DIVISION.
       INPUT-OUTPUT SECTION.
       FILE-CONTROL.
           SELECT PASSAGES ASSIGN TO PASSIN
               ORGANIZATION IS LINE SEQUENTIAL.
           SELECT SORTED ASSIGN TO PASSOUT
               ORGANIZATION IS LINE SEQUENTIAL.
           SELECT WORK-FILE ASSIGN TO SORTWK01.
       DATA DIVISION.
       FILE SECTION.
       FD  PASSAGES.
       01  PASSAGE-IN                  PIC X(40).
       FD  SORTED.
       01  PASSAGE-OUT                 PIC X(40).
       SD  WORK-FILE.
       COPY PASSAGE REPLACING ==:TAG:== BY ==WORK==.
       PROCEDURE DIVISION.
       MAIN-LINE.
           SORT WORK-FILE ON ASCENDING KEY WORK-SHIP WORK-TIME
               USING PASSAGES GIVING SORTED.
           IF SORT-RETURN NOT = ZERO
               DISPLAY 'TOLLSORT: SORT FAILED ' SORT-RETURN
               MOVE 16 TO RETURN-CODE
           ELSE
               DISPLAY 'TOLLSORT: PASSAGES SORTED'
           END-IF.
           STOP RUN.
