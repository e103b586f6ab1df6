/** The reads of the console. */
import type { AnswerAt } from "../answer-at.ts"
import { apiOf } from "../kit/api.ts"

export const { read, useAnswer, useLook, useRead, useWatched } = apiOf<"console">()

/** The answer to a GET at an address of the console. */
export type AnswerTo<Path extends string> = AnswerAt<"console", "GET", Path>
