/** Answers of the console's API about applications, requirements, rules, due diligence, schedules and clocks. */
import type { AnswerTo } from "../api.ts"

export type ApplicationRow = AnswerTo<"/api/applications">["applications"][number]

export type WholeApplication = AnswerTo<"/api/applications/{id}">

export type Due = DuesOfOne["requirements"][number]

export type Statement = DuesOfOne["submitted"][number]

export type DuesOfOne = AnswerTo<"/api/partners/{id}/requirements">

export type Proposal = AnswerTo<"/api/tier-proposals">["proposals"][number]

export type AllRules = AnswerTo<"/api/program-rules">

export type KnownBackground = AnswerTo<"/api/partners/{id}/due-diligence">

export type PlanAnswer = AnswerTo<"/api/default-schedule">

export type Sample = AnswerTo<"/api/artifacts/{id}/samples">["samples"][number]

export type ClockState = AnswerTo<"/api/clock">
