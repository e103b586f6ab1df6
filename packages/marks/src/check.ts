/** The result of an author's own check of a text. */
export interface CheckResult {
    /** Whether the check ended with exit code 0, with another code, or not in time. */
    readonly outcome: "well" | "badly" | "late"
    /** The end of the check's output. */
    readonly output: string
}

/** Runs an author's check on a text. */
export type Check = (text: string) => Promise<CheckResult>

/** Makes a check that runs a shell command on files with this name. Processes are not pure, so callers supply it. */
export type CheckFor = (shell: string, command: string, name: string, timeMs: number) => Check
