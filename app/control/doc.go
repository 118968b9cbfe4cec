// Package control lets other processes of the same user command a running
// peer, and holds the one implementation of each command.
//
// An [Op] is one command over the API of a peer: arguments in, one or more
// values out. [Call] and [Stream] run it in one of two ways. If nobody holds
// the home's lock, they open the store themselves, without a network, for as
// long as the command takes. If a peer runs, they ask it over its socket. The
// lock, never the socket, says which of the two it is.
//
// # Socket
//
// [Server] listens on a Unix socket at a short path, since such paths end at
// 108 bytes while homes may lie deep. Its folder has mode 0700 and belongs to
// the user, the socket has mode 0600, and where the system tells who is at the
// other end, anyone else is turned away. The file "socket" in the home holds
// the path, so that a client with another environment finds it.
//
// # Protocol
//
// Both sides write lines of JSON of at most [maxLine] bytes. The server speaks
// first:
//
//	{"hello":"starling","version":1}
//
// The client sends one request, and the connection serves that alone:
//
//	{"op":"doc list","args":{…}}
//
// The server answers with any number of values and then the end or an error,
// whose kind lets the client tell errors apart:
//
//	{"value":{…}}
//	{"end":true}
//	{"error":"…","kind":"no document"}
//
// A client that hangs up, or says another word, ends its request. When the peer
// ends, a request that it has not begun gets the kind "ending", upon which the
// client tries the home anew; a short one that it has begun is finished. A
// connection that closes without end or error means that the peer stopped.
package control
