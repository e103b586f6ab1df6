/** Formats the times of a question for an answer. */
import { formatInstant } from "@tocsin/base/instant"
import type { ApplicationQuestion } from "../application.ts"

export function presentTimes({ askedAt, answeredAt }: ApplicationQuestion) {
    return { askedAt: formatInstant(askedAt), answeredAt: answeredAt === null ? null : formatInstant(answeredAt) }
}
