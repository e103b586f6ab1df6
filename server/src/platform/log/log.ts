/**
 * Writes the operators' log: JSON lines of ids, counts, codes and handler names, never content.
 *
 * Only listed fields are written. Control and bidirectional characters are removed, so no value can forge a line or
 * change a terminal.
 */
import { Refusal } from "@tocsin/base/refusal"
import { type DestinationStream, destination, pino } from "pino"

const loggedFields = [
    "job",
    "code",
    "count",
    "error",
    "folder",
    "id",
    "kind",
    "method",
    "ms",
    "pid",
    "port",
    "role",
    "route",
    "seq",
    "status",
    "text",
    "tries",
    "version",
] as const

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent"
export type LogField = (typeof loggedFields)[number]
export type LogFields = Readonly<Partial<Record<LogField, string | number | boolean | null | undefined>>>

export interface Log {
    debug(event: string, fields?: LogFields): void
    info(event: string, fields?: LogFields): void
    warn(event: string, fields?: LogFields): void
    error(event: string, fields?: LogFields): void
}

const charsMax = 500
/** Other, format and separator characters: C0, C1, bidi, zero width, line and paragraph separators, lone surrogates. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu

/** Writes to standard error, at once, unless another sink is given. */
export function openLog(level: LogLevel = "info", sink: DestinationStream = destination({ fd: 2, sync: true })): Log {
    const lines = pino(
        {
            level,
            base: null,
            timestamp: pino.stdTimeFunctions.isoTime,
            formatters: { level: (label) => ({ level: label }) },
        },
        sink,
    )
    const writer = (lineLevel: Exclude<LogLevel, "silent">) => (event: string, fields?: LogFields) =>
        lines[lineLevel](safeFields(fields ?? {}), clean(event))
    return { debug: writer("debug"), info: writer("info"), warn: writer("warn"), error: writer("error") }
}

/** A log that writes nothing. */
export const silentLog: Log = openLog("silent")

/**
 * Describes an error without its values. Messages of the database and of parsers quote values, so only their code and
 * place are written.
 */
export function causeOf(error: unknown): string {
    if (!(error instanceof Error)) return String(error)
    const code = "code" in error ? ` ${String(error.code)}` : ""
    const quotes = error instanceof SyntaxError || "severity" in error
    // Expected: a refusal, or the system's (a full disk, a host that does not answer). Its place says nothing more.
    if (error instanceof Refusal || "syscall" in error) return `${error.name}${code}: ${error.message}`
    const frames = (error.stack ?? "").split("\n").filter((line) => /^ {4}at /.test(line))
    return [`${error.name}${code}${quotes ? "" : `: ${error.message}`}`, ...frames].join("\n")
}

const minuteMs = 60_000
const namesMax = 1000

/** Writes a line at most once a minute per name. */
export function oncePerMinute(now: () => number): (name: string, write: () => void) => void {
    const last = new Map<string, number>()
    return (name, write) => {
        const lastAt = last.get(name)
        if (lastAt !== undefined && now() - lastAt < minuteMs) return
        if (last.size >= namesMax) last.clear()
        last.set(name, now())
        write()
    }
}

function safeFields(fields: LogFields): Record<string, string | number | boolean> {
    const result: Record<string, string | number | boolean> = {}
    for (const name of loggedFields) {
        const value = Object.hasOwn(fields, name) ? fields[name] : undefined
        if (typeof value === "string") result[name] = clean(value)
        else if (typeof value === "number" || typeof value === "boolean") result[name] = value
    }
    return result
}

function clean(text: string): string {
    return text.slice(0, charsMax).replaceAll(unsafe, " ")
}
