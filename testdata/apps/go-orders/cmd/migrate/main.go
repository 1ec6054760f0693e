// Command migrate brings the database up to date.
package main

import (
	"io/ioutil"
	"log"
	"os"
	"path/filepath"
	"sort"

	"github.com/ferrymill/orders/store"
)

func main() {
	st, err := store.Open(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		log.Fatal(err)
	}
	sort.Strings(files)
	for _, f := range files {
		text, err := ioutil.ReadFile(f)
		if err != nil {
			log.Fatal(err)
		}
		done, err := st.Migrate(filepath.Base(f), string(text))
		if err != nil {
			log.Fatalf("%s: %v", f, err)
		}
		if done {
			log.Printf("applied %s", f)
		}
	}
}
