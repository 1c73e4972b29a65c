/** \file status.h
 * How functions report failure. A bug (a broken precondition) ends the run with STATUS_ASSERT; the
 * outside world (file, input, memory, library) makes a function return a status and leave one line
 * in the caller's struct status_why; a numerical outcome (not converged, infeasible) is a field of
 * the result and no status at all.
 */
#ifndef SOLVER_BASE_STATUS_H
#define SOLVER_BASE_STATUS_H

/* The only list of codes: name, exit code of the program, text. Later is graver, so a maximum over
 * ranks picks the gravest. */
#define STATUS_LIST(X)                                                                             \
    X(STATUS_OK, 0, "success")                                                                     \
    X(STATUS_CHECKPOINTED, 85, "checkpointed: run the same command again")                         \
    X(STATUS_NO, 6, "the answer is no")                                                            \
    X(STATUS_BUSY, 7, "another run is writing the same result")                                    \
    X(STATUS_INPUT, 2, "invalid input")                                                            \
    X(STATUS_IO, 3, "cannot read or write")                                                        \
    X(STATUS_LIBRARY, 5, "a library call failed")                                                  \
    X(STATUS_MEMORY, 4, "out of memory")

enum status {
#define STATUS_ENUM(code, exit_code, text) code,
    STATUS_LIST(STATUS_ENUM)
#undef STATUS_ENUM
};

enum { STATUS_MESSAGE_SIZE = 1024 };

/** Where a failing function leaves its message. Owned by the caller, one per process. */
struct status_why {
    enum status code;                  /**< of the first failure since status_clear */
    char message[STATUS_MESSAGE_SIZE]; /**< one line, no newline; names file, line, key and value */
};

/** Text of a code; never NULL, not to be freed. */
const char *status_text(enum status code);

/** Exit code of the program that ends with \a code; 1 for a value outside the list. */
int status_exit_code(enum status code);

/** Forget the recorded failure. */
void status_clear(struct status_why *why);

/** Record the first failure and return \a code, so that `return status_fail(...)` reads well.
 * A later call keeps the first message: the cause, not the consequence. The message is one line:
 * what would break it is escaped as escape_text does. */
enum status status_fail(struct status_why *why, enum status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#ifdef __clang_analyzer__
/* Lets the analyzer see that the code comes back, so that it does not follow impossible paths. */
#define status_fail(why, code, ...) ((void)status_fail(why, code, __VA_ARGS__), (code))
#endif

/** Print what and where, then abort. */
_Noreturn void status_bug(const char *file, int line, const char *condition);

/** Check a precondition; never compiled out. */
#define STATUS_ASSERT(c) ((c) ? (void)0 : status_bug(__FILE__, __LINE__, #c))

/** Leave through the function's single exit when a call fails. Needs `enum status st` and `out:`.
 */
#define STATUS_TRY(call)                                                                           \
    do {                                                                                           \
        if ((st = (call)) != STATUS_OK) {                                                          \
            goto out;                                                                              \
        }                                                                                          \
    } while (0)

#endif
