/** What an author's own check says of a text. */
export interface Checked {
    /** With exit code 0, with another, or not in time. */
    readonly ended: "well" | "badly" | "late"
    /** The end of what it printed. */
    readonly said: string
}

export type Check = (text: string) => Promise<Checked>

/** The check that a shell makes with a command, on files with this name. Processes are not pure: it comes from outside. */
export type CheckFor = (shell: string, command: string, name: string, timeMs: number) => Check
