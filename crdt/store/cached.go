package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"modernc.org/sqlite"
)

// maxCached is how many prepared statements a reading connection keeps: more than
// there are queries in this package.
const maxCached = 128

// cachedConnector gives reading connections that keep their prepared statements.
// Preparing one takes longer than most of our queries run, and database/sql keeps
// none for the queries of a transaction but those prepared on a connection beside
// it, of which there may be none left.
type cachedConnector struct{ driver.Connector }

// openCached opens a pool of such connections.
func openCached(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(cachedConnector{c}), nil
}

// Connect opens a connection.
func (c cachedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(sqliteConn)
	if !ok {
		return nil, fmt.Errorf("the driver's connections have lost a method: %T", conn)
	}
	return &cachedConn{sqliteConn: full, stmts: make(map[string]*cachedStmt)}, nil
}

// sqliteConn is what database/sql looks for in a connection of the driver.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// cachedConn is a connection with the statements of the queries that it was asked.
// database/sql sees to it that one goroutine at a time uses it.
type cachedConn struct {
	sqliteConn
	stmts map[string]*cachedStmt
}

type cachedStmt struct {
	driver.StmtQueryContext
	close func() error
	busy  bool // its rows are being read
}

// QueryContext runs a query with the statement that is kept for it. One whose rows
// are still being read serves nobody else.
func (c *cachedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s := c.stmts[query]
	if s == nil && len(c.stmts) < maxCached {
		var err error
		if s, err = c.prepare(ctx, query); err != nil {
			return nil, err
		}
	}
	if s == nil || s.busy {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.StmtQueryContext.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &cachedRows{rows, s}, nil
}

// prepare returns nil if the driver can't keep a statement.
func (c *cachedConn) prepare(ctx context.Context, query string) (*cachedStmt, error) {
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	runs, ok := made.(driver.StmtQueryContext)
	if !ok {
		return nil, made.Close()
	}
	s := &cachedStmt{StmtQueryContext: runs, close: made.Close}
	c.stmts[query] = s
	return s, nil
}

// Close ends the statements and the connection.
func (c *cachedConn) Close() error {
	for _, s := range c.stmts {
		_ = s.close() // the connection's own end tells what is wrong
	}
	clear(c.stmts)
	return c.sqliteConn.Close()
}

// cachedRows gives the statement back when they are closed.
type cachedRows struct {
	driver.Rows
	of *cachedStmt
}

// Close ends the rows.
func (r *cachedRows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
