package org.harborlane.guestbook;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Keeps the entries in a text file (UTF-8, one entry a line) and in memory.
 *
 * @author María José Ibáñez
 */
public class EntryStore {

    private final File file;
    private final List<Entry> entries = new ArrayList<Entry>();

    public EntryStore(File file) {
        this.file = file;
    }

    public synchronized void load() throws IOException {
        entries.clear();
        if (!file.exists()) {
            return;
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(new FileInputStream(file), "UTF-8"));
        try {
            String line;
            while ((line = in.readLine()) != null) {
                Entry entry = Entry.parse(line);
                if (entry != null) {
                    entries.add(entry);
                }
            }
        } finally {
            in.close();
        }
    }

    /** Writes first: an entry that is shown is also in the file. */
    public synchronized void add(Entry entry) throws IOException {
        File dir = file.getParentFile();
        if (dir != null && !dir.exists() && !dir.mkdirs()) {
            throw new IOException("cannot create " + dir);
        }
        BufferedWriter out = new BufferedWriter(
                new OutputStreamWriter(new FileOutputStream(file, true), "UTF-8"));
        try {
            out.write(entry.toLine());
            out.newLine();
        } finally {
            out.close();
        }
        entries.add(entry);
    }

    /** Newest first. Pages count from 1. */
    public synchronized List<Entry> page(int number, int size) {
        List<Entry> reversed = new ArrayList<Entry>(entries);
        Collections.reverse(reversed);
        int from = Math.min((number - 1) * size, reversed.size());
        int to = Math.min(from + size, reversed.size());
        return new ArrayList<Entry>(reversed.subList(from, to));
    }

    public synchronized int size() {
        return entries.size();
    }

    public File getFile() {
        return file;
    }
}
