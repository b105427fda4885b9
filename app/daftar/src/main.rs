//! Daftar: a government's own cloud in one program.

fn main() -> std::process::ExitCode {
    daftar::main()
}
