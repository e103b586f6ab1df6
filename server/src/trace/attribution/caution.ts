/** Codes of the cautions in answers, and of the verbal scale. The screens write their texts. */

/** The limits of an answer about a copy, a quoted canary, or timing. */
export const cautions = {
    copy: "copy_not_culprit",
    canary: "copy_not_reader",
    timing: "timing_identifies_no_partner",
} as const

/** The code of a caution. */
export type Caution = (typeof cautions)[keyof typeof cautions]

/** ENFSI's guideline for evaluative reporting. */
export const scale = "enfsi_2015" as const
