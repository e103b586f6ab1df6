/** The reads of the portal. */
import type { AnswerAt } from "../answer-at.ts"
import { apiOf } from "../kit/api.ts"

export const { read, useAnswer, useLook, useRead, useWatched } = apiOf<"portal">()

/** The answer to a GET at an address of the portal. */
export type AnswerTo<Path extends string> = AnswerAt<"portal", "GET", Path>
