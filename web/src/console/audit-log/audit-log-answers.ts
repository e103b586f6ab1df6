/** Answers of the audit log to its screen. */
import type { AnswerTo } from "../api.ts"

export type RecordPage = AnswerTo<"/api/audit-log">

export type Verdict =
    | {
          readonly ok: true
          readonly size: number
          readonly root: string
          readonly withheld: number
          readonly verifierKey: string
          readonly unsequenced: number
      }
    | {
          readonly ok: false
          readonly index: number | null
          readonly code: string
          readonly reason: string
          readonly unsequenced: number
      }
