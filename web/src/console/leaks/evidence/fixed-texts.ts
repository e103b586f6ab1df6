/** Texts of the codes in answers about leaks: cautions, the verbal scale, hypotheses, and reasons for a likely source. */
import type { PriorHypothesisKey } from "@tocsin/marks/bundle/fixed-texts"
import type { HypothesisKey } from "@tocsin/marks/evidence/hypotheses"
import type { GuessReasonCode } from "../../../../../server/src/share/canaries/touch.ts"
import type { Caution, scale } from "../../../../../server/src/trace/attribution/caution.ts"
import type { AnswerTo } from "../../api.ts"
import { t } from "../../../messages/message.ts"

export const cautionTexts: Readonly<Record<Caution, string>> = {
    copy_not_culprit: t(
        "This identifies a copy, not a culprit: the copy may have been stolen, passed on, or planted. A text that was retyped, translated or mixed can lose its marks. A text without marks clears no partner.",
    ),
    copy_not_reader: t(
        "A canary identifies the copy that the text comes from, not the person who passed it on: each reader of that copy can write the canary anywhere. No partner has a decoy: only the mark keys, or their output, reveal it.",
    ),
    timing_identifies_no_partner: t(
        "Timing identifies no partner. No e-value and no error bound contains it. Partners that fetched at about the same time have about the same figure. The first observation is only the first that was reported.",
    ),
}

/** The verbal scale, by its code. */
export const scaleTexts: Readonly<Record<typeof scale, string>> = {
    enfsi_2015: t(
        "Scale: a factor from 2 is weak support, from 10 moderate, from 100 moderately strong, from 1,000 strong, from 10,000 very strong, from a million extremely strong.",
    ),
}

/** The hypotheses about one leak. */
export const leakHypothesisTexts: Readonly<Record<HypothesisKey, string>> = {
    copy: t("The best-fitting copy"),
    remade: t("The same copy, reproduced at the operator"),
    other: t("The copy of the runner-up"),
    unmarked: t("A text without marks: written independently, or before it was marked"),
    master: t("The unmarked text, which is the same for all who have it"),
    chance: t("A text that has this wording by chance"),
}

/** The hypotheses of an inquiry. */
export const priorHypothesisTexts: Readonly<Record<PriorHypothesisKey, string>> = {
    finder: t("The finder or the finder's organisation leaked or used it"),
    independent: t("Another person found it independently"),
    patch: t("It was learned from a patch or from a notice of a patch"),
    insider: t("A person at the operator leaked it"),
    compromise: t("An attacker broke into a system of the operator or of a partner"),
    partner: t("A partner leaked or used it"),
}

type GuessReason = Pick<AnswerTo<"/api/canaries">["touches"][number]["reasons"][number], "method" | "count">

/** Why a touch has its likely source. */
export const guessReasonTexts: Readonly<Record<GuessReasonCode, (reason: GuessReason) => string>> = {
    is_resolver: () => t("a resolver requested the address"),
    claims_link_preview: () => t("the client claims to be a link preview service"),
    claims_scanner: () => t("the client claims to be a scanner"),
    looks_like_browser: () => t("the request looks like a browser's"),
    no_user_agent: () => t("the request has no user agent"),
    other_method: ({ method }) => t("the request is a {method}", { method }),
    not_browser: () => t("the client is not a browser"),
    many_names: ({ count }) => t("its network requested at least {count} names", { count }),
    many_paths: ({ count }) => t("its network requested at least {count} paths", { count }),
}
