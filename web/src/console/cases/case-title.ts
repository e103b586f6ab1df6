/** The title of a case whose content was deleted. */
import type { Case } from "../answers.ts"
import { t } from "../../messages/message.ts"

type Titled = Pick<Case, "title" | "contentDeletedAt">

/** Returns the case as screens show it: a deleted title is replaced. */
export function withTitle<Shown extends Titled>(subject: Shown): Shown {
    return subject.contentDeletedAt === null ? subject : { ...subject, title: t("Content deleted") }
}
