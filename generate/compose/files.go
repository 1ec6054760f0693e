package compose

// FileSetting is the setting of a kind of service that its official image reads from the file that NAME_FILE names, too: "POSTGRES_PASSWORD";
// empty: there is none.
func FileSetting(kind string) string { return fileSettings[kind] }
