// Package roster carries out jobs over many people, accounts and vendors: it
// plans them, applies them, resumes them after a crash, undoes them and proves
// what was done. It works with every [core.Store] and knows no vendor.
//
// Six nouns make a job:
//
//   - a [Census] says who is where;
//   - a [Want] says what should be;
//   - a [Plan] says what would be done, step by step, and can be read, kept and sent;
//   - a [Run] does it;
//   - a [Journal] keeps what was begun and what came of it;
//   - a [Receipt] proves it.
//
// The intent of every write is durable before the request leaves, and the outcome
// follows. A run that is cut anywhere is resumed by applying the same plan again:
// what is done stays done, and what is unknown is looked at, never sent blindly.
//
// README.md beside this package holds the format of the file journal, the
// argument why a crash loses nothing, and what is not promised.
package roster
