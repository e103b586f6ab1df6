/** Answers of the API about exposure, and the filters of a question. */
import type { FetchedVersion } from "../../../../../server/src/trace/inquiries/exposure.ts"
import type { AnswerTo } from "../../api.ts"
import { t } from "../../../messages/message.ts"

export type PersonRow = Row["people"][number]

export type Row = CaseAnswer["partners"][number]

export type CourseAnswer = CaseAnswer["timeline"]

export type CaseAnswer = ExposureAnswer["cases"][number]

export type ExposureAnswer = AnswerTo<"/api/exposure">

/** Labels of delivery channels. */
export const channelWords: Readonly<Record<FetchedVersion["channel"], string>> = {
    copy: t("downloaded copy"),
    taxii_copy: t("copy polled by TAXII"),
    taxii: t("polled by TAXII, unmarked"),
    csaf: t("polled as CSAF, unmarked"),
    misp: t("polled as MISP, unmarked"),
}
