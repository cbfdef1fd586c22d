package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	_ "modernc.org/sqlite" // the driver; no C compiler needed
)

// With autoincrement, SQLite never reuses an id. The hub ignores a message whose id it has published recently.
const schema = `
create table if not exists orders (
	id    integer primary key autoincrement,
	name  text    not null,
	drink text    not null,
	state text    not null default 'ordered',
	at    integer not null -- milliseconds since 1970
);
create table if not exists outbox (
	id       integer primary key autoincrement,
	order_id integer not null
);`

var errGone = errors.New("the order has been moved already")

type store struct{ db *sql.DB }

type order struct {
	ID          int64
	Name, Drink string
	State       string // one of states, or collected
	At          time.Time
}

// entry is a row of the outbox: an order with an unpublished change.
type entry struct{ ID, Order int64 }

// openStore opens the file. Other programs may use it at the same time.
func openStore(path string) (*store, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // a file has one writer at a time
	if _, err := db.Exec(schema); err != nil {
		db.Close()
		return nil, err
	}
	return &store{db}, nil
}

func (s *store) Close() error { return s.db.Close() }

// change calls do and adds a row to the outbox, in one transaction. Whenever the program is killed, the outbox contains every
// committed change that is unpublished.
func (s *store) change(ctx context.Context, do func(tx *sql.Tx) (order int64, err error)) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	id, err := do(tx)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `insert into outbox (order_id) values (?)`, id); err != nil {
		return err
	}
	return tx.Commit()
}

// place adds an order in the first state.
func (s *store) place(ctx context.Context, name, drink string) (id int64, err error) {
	err = s.change(ctx, func(tx *sql.Tx) (int64, error) {
		result, err := tx.ExecContext(ctx, `insert into orders (name, drink, at) values (?, ?, ?)`, name, drink, time.Now().UnixMilli())
		if err == nil {
			id, err = result.LastInsertId()
		}
		return id, err
	})
	return id, err
}

// move returns errGone if the order is no longer in the state from.
func (s *store) move(ctx context.Context, id int64, from, to string) error {
	return s.change(ctx, func(tx *sql.Tx) (int64, error) {
		result, err := tx.ExecContext(ctx, `update orders set state = ? where id = ? and state = ?`, to, id, from)
		if err != nil {
			return 0, err
		}
		// The condition on the state makes two simultaneous clicks safe: only one of them changes a
		// row.
		if n, err := result.RowsAffected(); n == 0 {
			return 0, errors.Join(errGone, err)
		}
		return id, nil
	})
}

const columns = `select id, name, drink, state, at from orders `

// open returns the orders that have not been collected, oldest first.
func (s *store) open(ctx context.Context) ([]order, error) {
	rows, err := s.db.QueryContext(ctx, columns+`where state <> 'collected' order by id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var open []order
	for rows.Next() {
		o, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		open = append(open, o)
	}
	return open, rows.Err()
}

func (s *store) order(ctx context.Context, id int64) (order, error) {
	return scan(s.db.QueryRowContext(ctx, columns+`where id = ?`, id).Scan)
}

func scan(from func(...any) error) (o order, err error) {
	var at int64
	err = from(&o.ID, &o.Name, &o.Drink, &o.State, &at)
	o.At = time.UnixMilli(at)
	return o, err
}

// next returns the oldest row of the outbox. The boolean reports whether there is one.
func (s *store) next(ctx context.Context) (e entry, ok bool, err error) {
	err = s.db.QueryRowContext(ctx, `select id, order_id from outbox order by id limit 1`).Scan(&e.ID, &e.Order)
	if errors.Is(err, sql.ErrNoRows) {
		return e, false, nil
	}
	return e, err == nil, err
}

// published deletes a row of the outbox.
func (s *store) published(ctx context.Context, e entry) error {
	_, err := s.db.ExecContext(ctx, `delete from outbox where id = ?`, e.ID)
	return err
}
