package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"slices"
	"time"

	_ "modernc.org/sqlite" // the driver; no C compiler needed
)

const schema = `
create table if not exists messages (
	id     integer primary key autoincrement,
	room   text    not null,
	author text    not null,
	body   text    not null,
	at     integer not null -- milliseconds since 1970
);
create index if not exists messages_by_room on messages (room, id);
create table if not exists secrets (name text primary key, value text not null);`

type store struct{ db *sql.DB }

type message struct {
	ID           int64
	Author, Body string
	At           time.Time
	Follows      bool // soon after another message of the same author, so the page omits the name
}

// follows reports whether m belongs to the block of messages that before began or continued.
func (m message) follows(before message) bool {
	return before.Author == m.Author && m.At.Sub(before.At) < 5*time.Minute
}

// openStore opens the file, or an in-memory database if path is ":memory:". It uses a single connection: a file has one writer
// at a time, and each connection to ":memory:" would open its own database.
func openStore(path string) (*store, error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(schema); err != nil {
		db.Close()
		return nil, err
	}
	return &store{db}, nil
}

func (s *store) Close() error { return s.db.Close() }

// secret returns the secret with the given name. The first call creates it.
func (s *store) secret(name string) (value string, err error) {
	if _, err = s.db.Exec(`insert or ignore into secrets (name, value) values (?, ?)`, name, rand.Text()); err != nil {
		return "", err
	}
	return value, s.db.QueryRow(`select value from secrets where name = ?`, name).Scan(&value)
}

// add stores a message and returns it. The message is committed when add returns.
func (s *store) add(ctx context.Context, room, author, body string) (message, error) {
	last, err := s.recent(ctx, room, 1)
	if err != nil {
		return message{}, err
	}
	// The time is rounded as the database stores it, so that the broadcast and a later page agree.
	m := message{Author: author, Body: body, At: time.UnixMilli(time.Now().UnixMilli())}
	m.Follows = len(last) > 0 && m.follows(last[0])
	result, err := s.db.ExecContext(ctx, `insert into messages (room, author, body, at) values (?, ?, ?, ?)`,
		room, m.Author, m.Body, m.At.UnixMilli())
	if err != nil {
		return message{}, err
	}
	m.ID, err = result.LastInsertId()
	return m, err
}

// recent returns the newest n messages of the room, oldest first.
func (s *store) recent(ctx context.Context, room string, n int) ([]message, error) {
	rows, err := s.db.QueryContext(ctx,
		`select id, author, body, at from messages where room = ? order by id desc limit ?`, room, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []message
	for rows.Next() {
		var m message
		var at int64
		if err := rows.Scan(&m.ID, &m.Author, &m.Body, &at); err != nil {
			return nil, err
		}
		m.At = time.UnixMilli(at)
		found = append(found, m)
	}
	slices.Reverse(found)
	for i := 1; i < len(found); i++ {
		found[i].Follows = found[i].follows(found[i-1])
	}
	return found, rows.Err()
}
