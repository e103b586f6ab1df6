/** The reads and writes of the console. */
import type { Method } from "../../../server/src/kernel/route.ts"
import type { AnswerAt } from "../answer-at.ts"
import { apiOf } from "../kit/api.ts"

export const { read, useAnswer, useLook, useRead, useWatched, writeTo } = apiOf<"console">()

/** The answer at an address of the console. */
export type AnswerTo<Path extends string, Verb extends Method = "GET"> = AnswerAt<"console", Verb, Path>
