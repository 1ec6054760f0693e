// Package store keeps orders in PostgreSQL.
package store

import (
	"database/sql"
	"errors"
	"time"

	_ "github.com/lib/pq" // the driver
)

// Order is what a customer wants every week.
type Order struct {
	ID       int       `json:"id"`
	Customer string    `json:"customer"`
	Flour    string    `json:"flour"`
	Kilos    int       `json:"kilos"`
	Since    time.Time `json:"since"`
}

// Store talks to the database.
type Store struct {
	db *sql.DB
}

// Open connects to a database.
func Open(dsn string) (*Store, error) {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(10)
	return &Store{db}, nil
}

// Ping says whether the database answers.
func (s *Store) Ping() error {
	return s.db.Ping()
}

// Orders lists all orders, the oldest first.
func (s *Store) Orders() ([]Order, error) {
	rows, err := s.db.Query(`SELECT id, customer, flour, kilos, since FROM orders ORDER BY since, id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	orders := []Order{}
	for rows.Next() {
		var o Order
		if err := rows.Scan(&o.ID, &o.Customer, &o.Flour, &o.Kilos, &o.Since); err != nil {
			return nil, err
		}
		orders = append(orders, o)
	}
	return orders, rows.Err()
}

// Add takes down an order.
func (s *Store) Add(customer, flour string, kilos int) error {
	if customer == "" || flour == "" {
		return errors.New("an order needs a customer and a flour")
	}
	_, err := s.db.Exec(`INSERT INTO orders (customer, flour, kilos) VALUES ($1, $2, $3)`, customer, flour, kilos)
	return err
}

// Migrate runs a script once.
func (s *Store) Migrate(name, script string) (bool, error) {
	tx, err := s.db.Begin()
	if err != nil {
		return false, err
	}
	defer tx.Rollback()
	if _, err := tx.Exec(`CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY)`); err != nil {
		return false, err
	}
	var n int
	if err := tx.QueryRow(`SELECT count(*) FROM migrations WHERE name = $1`, name).Scan(&n); err != nil || n > 0 {
		return false, err
	}
	if _, err := tx.Exec(script); err != nil {
		return false, err
	}
	if _, err := tx.Exec(`INSERT INTO migrations VALUES ($1)`, name); err != nil {
		return false, err
	}
	return true, tx.Commit()
}
