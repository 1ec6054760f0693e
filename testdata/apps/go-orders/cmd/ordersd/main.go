// Command ordersd serves the standing orders.
package main

import (
	"encoding/json"
	"flag"
	"html/template"
	"log"
	"net/http"
	"os"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/ferrymill/orders/store"
)

type server struct {
	store *store.Store
	pages *template.Template
}

func main() {
	addr := flag.String("addr", ":8090", "address to listen on")
	flag.Parse()

	dsn := os.Getenv("DATABASE_URL")
	if dsn == "" {
		log.Fatal("DATABASE_URL is not set")
	}
	st, err := store.Open(dsn)
	if err != nil {
		log.Fatal(err)
	}
	s := &server{store: st, pages: template.Must(template.ParseGlob("templates/*.html"))}

	r := mux.NewRouter()
	r.HandleFunc("/", s.list).Methods("GET")
	r.HandleFunc("/orders", s.create).Methods("POST")
	r.HandleFunc("/api/orders", s.listJSON).Methods("GET")
	r.HandleFunc("/healthz", s.health).Methods("GET")
	r.PathPrefix("/static/").Handler(http.StripPrefix("/static/", http.FileServer(http.Dir("static"))))

	log.Printf("listening on %s", *addr)
	log.Fatal(http.ListenAndServe(*addr, r))
}

func (s *server) list(w http.ResponseWriter, r *http.Request) {
	orders, err := s.store.Orders()
	if err != nil {
		fail(w, err)
		return
	}
	if err := s.pages.ExecuteTemplate(w, "list.html", orders); err != nil {
		log.Print(err)
	}
}

func (s *server) listJSON(w http.ResponseWriter, r *http.Request) {
	orders, err := s.store.Orders()
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(orders); err != nil {
		log.Print(err)
	}
}

func (s *server) create(w http.ResponseWriter, r *http.Request) {
	kilos, err := strconv.Atoi(r.FormValue("kilos"))
	if err != nil || kilos < 1 {
		http.Error(w, "how many kilos?", http.StatusBadRequest)
		return
	}
	if err := s.store.Add(r.FormValue("customer"), r.FormValue("flour"), kilos); err != nil {
		fail(w, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *server) health(w http.ResponseWriter, r *http.Request) {
	if err := s.store.Ping(); err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("ok\n"))
}

func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "something went wrong", http.StatusInternalServerError)
}
