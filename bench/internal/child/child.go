// Package child lets a program start itself again and send requests to the other process, with a line of JSON each way.
package child

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// A request is one line on standard input, and its answer one line on standard output.
type request struct {
	Do   string
	With json.RawMessage
}

type answer struct {
	Error string `json:",omitempty"`
	Value json.RawMessage
}

// A Handler handles a request and returns the response.
type Handler func(with json.RawMessage) (any, error)

// Does returns the handler for requests with an argument of type In.
func Does[In, Out any](do func(In) (Out, error)) Handler {
	return func(with json.RawMessage) (any, error) {
		var in In
		if err := json.Unmarshal(with, &in); err != nil {
			return nil, err
		}
		return do(in)
	}
}

// Serve handles requests on standard input, one after the other, until its parent exits.
func Serve(handlers map[string]Handler) error {
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	for {
		var r request
		if err := in.Decode(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := out.Encode(respond(handlers, r)); err != nil {
			return err
		}
	}
}

// respond turns errors into text, since their types do not survive the pipe.
func respond(handlers map[string]Handler, r request) (a answer) {
	do, ok := handlers[r.Do]
	if !ok {
		return answer{Error: fmt.Sprintf("unknown request %q", r.Do)}
	}
	value, err := do(r.With)
	if err == nil {
		a.Value, err = json.Marshal(value)
	}
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

// A Process is this program, started again. Only one goroutine at a time may use it.
type Process struct {
	role  string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *json.Decoder
}

// Start starts the program again with the arguments role and args. The process has extra as file descriptor 3. It is killed
// when ctx is done.
func Start(ctx context.Context, extra *os.File, role string, args ...string) (*Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &Process{role: role, cmd: exec.CommandContext(ctx, self, append([]string{role}, args...)...)}
	p.cmd.Stderr = os.Stderr
	p.cmd.ExtraFiles = []*os.File{extra}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = json.NewDecoder(bufio.NewReader(stdout))
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the %s: %w", role, err)
	}
	return p, nil
}

// Call sends a request to the process, waits for the response and returns it.
func Call[Out any](p *Process, do string, with any) (out Out, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("asking the %s to %s: %w", p.role, do, err)
		}
	}()
	argument, err := json.Marshal(with)
	if err != nil {
		return out, err
	}
	if err := json.NewEncoder(p.stdin).Encode(request{do, argument}); err != nil {
		return out, err
	}
	var a answer
	if err := p.out.Decode(&a); err != nil {
		return out, err
	}
	if a.Error != "" {
		return out, errors.New(a.Error)
	}
	return out, json.Unmarshal(a.Value, &out)
}

// Stop kills the process and waits until it has exited.
func (p *Process) Stop() {
	p.stdin.Close()
	_ = p.cmd.Process.Kill() // it may have exited already, without its parent
	_ = p.cmd.Wait()
}
