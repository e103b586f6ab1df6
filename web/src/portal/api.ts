/** The reads and writes of the portal. */
import type { Method } from "../../../server/src/kernel/route.ts"
import type { AnswerAt } from "../answer-at.ts"
import { apiOf } from "../kit/api.ts"

export const { read, useAnswer, useLook, useRead, useWatched, writeTo } = apiOf<"portal">()

/** The answer at an address of the portal. */
export type AnswerTo<Path extends string, Verb extends Method = "GET"> = AnswerAt<"portal", Verb, Path>
