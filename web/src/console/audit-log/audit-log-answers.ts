/** Answers of the audit log to its screen. */
import type { Event } from "../answers.ts"

export interface RecordPage {
    readonly events: readonly Event[]
    readonly next: string | null
    readonly head: { readonly size: number; readonly at: string; readonly verifierKey: string } | null
    readonly waiting: number
}

export type Verdict =
    | {
          readonly ok: true
          readonly size: number
          readonly root: string
          readonly withheld: number
          readonly verifierKey: string
          readonly waiting: number
      }
    | {
          readonly ok: false
          readonly index: number | null
          readonly code: string
          readonly why: string
          readonly waiting: number
      }
