//! POSIX and Perl patterns compiled into one matcher that serves search and substitution.
