package org.harborlane.guestbook;

import java.text.ParseException;
import java.text.SimpleDateFormat;
import java.util.Date;

/** One message of a visitor; a line of the entries file: date, name, message. */
public class Entry {

    private static final String DATE_PATTERN = "yyyy-MM-dd HH:mm";

    private final Date date;
    private final String name;
    private final String message;

    public Entry(Date date, String name, String message) {
        this.date = date;
        this.name = name;
        this.message = message;
    }

    /** @return null when the line is no entry */
    public static Entry parse(String line) {
        String[] fields = line.split("\t", 3);
        if (fields.length < 3) {
            return null;
        }
        try {
            Date date = new SimpleDateFormat(DATE_PATTERN).parse(fields[0]);
            return new Entry(date, fields[1], fields[2].replace("\\n", "\n"));
        } catch (ParseException e) {
            return null;
        }
    }

    public String toLine() {
        return getDateText() + '\t' + oneLine(name) + '\t'
                + message.replace("\r", "").replace('\t', ' ').replace("\n", "\\n");
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").trim();
    }

    public String getDateText() {
        // SimpleDateFormat is not thread-safe, hence a new one each time
        return new SimpleDateFormat(DATE_PATTERN).format(date);
    }

    public Date getDate() {
        return date;
    }

    public String getName() {
        return name;
    }

    public String getMessage() {
        return message;
    }
}
