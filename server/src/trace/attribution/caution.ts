/** Codes of the cautions in answers, and of the verbal scale. The screens write their texts. */

/** What an answer does not say: of a copy, of a quoted canary, and of timing. */
export const cautions = {
    copy: "copy_not_culprit",
    canary: "copy_not_reader",
    timing: "timing_identifies_no_partner",
} as const

/** The code of a caution. */
export type Caution = (typeof cautions)[keyof typeof cautions]

/** ENFSI's guideline for evaluative reporting. */
export const scale = "enfsi_2015" as const
