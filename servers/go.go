// SPDX-License-Identifier: BSD-2-Clause

// go.go - a goroutine per connection: net/http over the scheduler and the poller that the
// compiler and its runtime share.  It reads like thread.c and runs like epoll.c; stacks
// that grow as needed are what von Behren, Condit and Brewer asked of compilers ("Why
// Events Are A Bad Idea", HotOS 2003, section 4).  It keeps the promises of
// docs/architecture.md by itself; heads, and what is malformed, are net/http's matter.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

func reply(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	io.WriteString(w, text)
}

func fail(w http.ResponseWriter, status int) {
	count(countErrors)
	reply(w, status, fmt.Sprintf("%d %s\n", status, http.StatusText(status)))
}

// A query's numbers.  wrong: one is missing, is there twice, or is out of range.
type query struct {
	values url.Values
	wrong  bool
}

func (q *query) number(name string, min, max uint64) uint64 {
	n := uint64(0)
	err := error(strconv.ErrSyntax)
	if len(q.values[name]) == 1 {
		n, err = strconv.ParseUint(q.values[name][0], 10, 64)
	}
	q.wrong = q.wrong || err != nil || n < min || n > max
	return n
}

func (q *query) duration(most time.Duration) time.Duration {
	return time.Duration(q.number("us", 0, uint64(most.Microseconds()))) *
		time.Microsecond
}

const (
	spinMost = 10 * time.Second
	waitMost = 60 * time.Second
	fanMost  = 64
)

// threadTime is the CPU time of the calling thread (clock_gettime(2)).
func threadTime() time.Duration {
	const clockThreadCPUTime = 3
	var t syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockThreadCPUTime,
		uintptr(unsafe.Pointer(&t)), 0)
	return time.Duration(t.Nano())
}

func spin(w http.ResponseWriter, q *query) {
	const turns = 4000 // between two looks at the clock
	d := q.duration(spinMost)
	if q.wrong {
		fail(w, http.StatusBadRequest)
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for begin := threadTime(); threadTime()-begin < d; {
		for i := 0; i < turns; i++ {
		}
	}
	reply(w, http.StatusOK, fmt.Sprintf("spun %d\n", d.Microseconds()))
}

func wait(w http.ResponseWriter, q *query) {
	d := q.duration(waitMost)
	if q.wrong {
		fail(w, http.StatusBadRequest)
		return
	}
	time.Sleep(d)
	reply(w, http.StatusOK, fmt.Sprintf("waited %d\n", d.Microseconds()))
}

// fan makes n calls, a goroutine each, and joins them; a failure cancels the others.
func fan(w http.ResponseWriter, q *query) {
	n, d, failing := q.number("n", 1, fanMost), q.duration(waitMost), uint64(0)
	if q.values.Has("fail") {
		failing = q.number("fail", 0, n)
	}
	if q.wrong {
		fail(w, http.StatusBadRequest)
		return
	}
	all, cancel := context.WithCancel(context.Background())
	defer cancel()
	var join sync.WaitGroup
	part := func(d time.Duration, failing bool) {
		defer join.Done()
		over := time.NewTimer(d)
		defer over.Stop()
		select {
		case <-over.C:
			if failing {
				cancel()
			}
		case <-all.Done():
		}
	}
	for i := uint64(1); i <= n; i++ {
		join.Add(1)
		if i == failing {
			go part(d/64, true)
		} else {
			go part(d, false)
		}
	}
	join.Wait()
	if all.Err() != nil {
		fail(w, http.StatusBadGateway)
		return
	}
	reply(w, http.StatusOK, fmt.Sprintf("joined %d\n", n))
}

const accountStart = 1000

var accounts struct {
	sync.Mutex
	balance [1024]uint64
}

func transfer(w http.ResponseWriter, q *query) {
	last := uint64(len(accounts.balance) - 1)
	from, to := q.number("from", 0, last), q.number("to", 0, last)
	n := q.number("n", 0, accountStart*(last+1))
	if q.wrong {
		fail(w, http.StatusBadRequest)
		return
	}
	accounts.Lock()
	enough := accounts.balance[from] >= n
	if enough {
		accounts.balance[from] -= n
		accounts.balance[to] += n
	}
	accounts.Unlock()
	if !enough {
		fail(w, http.StatusConflict)
		return
	}
	reply(w, http.StatusOK, fmt.Sprintf("moved %d\n", n))
}

func total(w http.ResponseWriter, _ *query) {
	sum := uint64(0)
	accounts.Lock()
	for _, balance := range accounts.balance {
		sum += balance
	}
	accounts.Unlock()
	reply(w, http.StatusOK, fmt.Sprintf("total %d\n", sum))
}

var operations = map[string]func(http.ResponseWriter, *query){
	"/spin": spin, "/wait": wait, "/fan": fan, "/transfer": transfer, "/total": total}

// A folder below which everything stays, whatever links there are (openat2(2)).
type root int

func (r root) open(name string) (*os.File, error) {
	const openat2, beneath, noMagicLinks = 437, 0x08, 0x02
	how := [3]uint64{syscall.O_CLOEXEC | syscall.O_NONBLOCK, 0, beneath | noMagicLinks}
	text, err := syscall.BytePtrFromString(name)
	if err != nil {
		return nil, err
	}
	fd, _, no := syscall.Syscall6(openat2, uintptr(r), uintptr(unsafe.Pointer(text)),
		uintptr(unsafe.Pointer(&how)), unsafe.Sizeof(how), 0, 0)
	if no != 0 {
		return nil, no
	}
	return os.NewFile(fd, name), nil
}

// leaves tells whether a path climbs above where it begins.
func leaves(name string) bool {
	depth := 0
	for _, part := range strings.Split(name, "/") {
		switch part {
		case "", ".":
		case "..":
			depth--
		default:
			depth++
		}
		if depth < 0 {
			return true
		}
	}
	return false
}

func fileStatus(err error) int {
	switch {
	case errors.Is(err, syscall.EINVAL): // a NUL
		return http.StatusBadRequest
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return http.StatusForbidden
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE),
		errors.Is(err, syscall.ENOMEM):
		return http.StatusServiceUnavailable
	}
	return http.StatusNotFound
}

func (r root) serve(w http.ResponseWriter, req *http.Request) {
	if leaves(req.URL.Path) {
		fail(w, http.StatusBadRequest)
		return
	}
	name := "." + path.Clean("/"+req.URL.Path)
	file, err := r.open(name)
	if err == nil {
		defer func() { file.Close() }()
		if about, err2 := file.Stat(); err2 == nil && about.IsDir() {
			file.Close()
			name += "/index.html"
			file, err = r.open(name)
		}
	}
	if err != nil {
		fail(w, fileStatus(err))
		return
	}
	if about, err := file.Stat(); err != nil || !about.Mode().IsRegular() {
		fail(w, http.StatusForbidden)
		return
	}
	http.ServeContent(w, req, name, time.Time{}, file)
}

func (r root) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	count(countRequests)
	operation, posted := operations[req.URL.Path], req.URL.Path == "/transfer"
	body := req.ContentLength != 0
	if body { // nobody reads it: no request may follow it
		w.Header().Set("Connection", "close")
	}
	switch {
	case req.TransferEncoding != nil:
		fail(w, http.StatusNotImplemented)
	case posted && req.Method != "POST":
		w.Header().Set("Allow", "POST")
		fail(w, http.StatusMethodNotAllowed)
	case !posted && req.Method != "GET" && req.Method != "HEAD":
		w.Header().Set("Allow", "GET, HEAD")
		fail(w, http.StatusMethodNotAllowed)
	case posted && body:
		fail(w, http.StatusRequestEntityTooLarge)
	case body:
		fail(w, http.StatusBadRequest)
	case operation != nil:
		operation(w, &query{values: req.URL.Query()})
	default:
		r.serve(w, req)
	}
}

// At most so many connections at once; how many there are, and which are unused yet.
type limit struct {
	net.Listener
	live   chan struct{}
	unused sync.Map
}

func (l *limit) Accept() (net.Conn, error) {
	select {
	case l.live <- struct{}{}:
	default:
		count(countDeferred)
		l.live <- struct{}{}
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.live
		return nil, err
	}
	// Only this goroutine raises it.
	if now := uint64(len(l.live)); now > counted.value[countPeak] {
		atomic.StoreUint64(&counted.value[countPeak], now)
	}
	return c, nil
}

func (l *limit) changed(c net.Conn, state http.ConnState) {
	l.unused.Delete(c)
	switch state {
	case http.StateNew:
		count(countOpened)
		l.unused.Store(c, nil)
	case http.StateClosed:
		count(countClosed)
		<-l.live
	}
}

// shutdown ends what is idle, then what is in flight when that is done, within 5 s.
func (l *limit) shutdown(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	go l.unused.Range(func(c, _ any) bool { // net/http would wait for a request
		c.(net.Conn).Close()
		return true
	})
	server.Shutdown(ctx)
}

func main() {
	o := readOptions()
	if o.cpus != "" {
		if err := bind(o.cpus); err != nil {
			stop(2, "--cpus", o.cpus+":", err)
		}
	}
	folder, err := syscall.Open(o.root, syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		stop(2, "--root", o.root+":", err)
	}
	var file *os.File
	if o.counters != "" {
		if file, err = os.Create(o.counters); err == nil {
			err = mapCounters(o.counters + ".live")
		}
		if err != nil {
			stop(2, "--counters:", err)
		}
	}
	for i := range accounts.balance {
		accounts.balance[i] = accountStart
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	listener, err := net.Listen("tcp4", fmt.Sprintf("%s:%d", o.address, o.port))
	if err != nil {
		stop(1, "cannot", err)
	}
	l := &limit{Listener: listener, live: make(chan struct{}, o.connections)}
	server := &http.Server{Handler: root(folder), ConnState: l.changed,
		MaxHeaderBytes: 8192, ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(l)
	fmt.Println("ready", listener.Addr())
	<-signals
	l.shutdown(server)
	if file != nil {
		if err := writeCounters(file); err != nil {
			stop(1, "--counters:", err)
		}
	}
}
