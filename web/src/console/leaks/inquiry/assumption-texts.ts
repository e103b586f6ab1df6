/** The assumptions of timing and of planning in sentences, with their numbers. */
import type { TimingAssumption } from "@tocsin/marks/bundle/timing"
import type { AnswerTo } from "../../api.ts"
import { listText, locale, t } from "../../../messages/message.ts"

type TimingModel = AnswerTo<"/api/inquiries/{id}/timing">["model"]

const timingTexts: Readonly<Record<TimingAssumption, (model: TimingModel) => string>> = {
    delay: ({ medianDays }) =>
        t(
            "Half of the leaks from a copy are first observed within {half} days after the partner fetched its first copy, three quarters within {threeQuarters} days, nine tenths within {nineTenths} days.",
            { half: medianDays, threeQuarters: 3 * medianDays, nineTenths: 9 * medianDays },
        ),
    other_causes: ({ windowDays }) =>
        t("An observation that has another cause is equally likely on each of {windowDays} days.", { windowDays }),
    clocks: () =>
        t(
            "An instant is exact to one minute if its clock is synchronised, to one day if it is estimated, and to three days if it is unknown.",
        ),
    first_only: () => t("Only the first observation counts."),
    patch: () => t("A patch can be read from the publication of this case. An earlier public patch is not considered."),
    bound: ({ factorMax }) =>
        t("The likelihood ratio is never above {factorMax}. These values are assumptions: they were not measured.", {
            factorMax,
        }),
}

export const timingTextsOf = ({ assumptions, model }: AnswerTo<"/api/inquiries/{id}/timing">): string[] =>
    assumptions.map((code) => timingTexts[code](model))

type Options = AnswerTo<"/api/inquiries/{id}/options">

/** A chance as a number up to 1. Per cent would look measured. */
const chanceText = (chance: number): string => chance.toLocaleString(locale, { maximumFractionDigits: 2 })

const planningTexts: Readonly<Record<Options["assumptions"][number], (model: Options["model"]) => string>> = {
    repeat: ({ repeatChance, independentChance }) =>
        t(
            "The same source leaks this release too with a chance of {repeat}. Another person finds the same before publication with a chance of {independent}.",
            { repeat: chanceText(repeatChance), independent: chanceText(independentChance) },
        ),
    colluders: ({ colluderChances }) =>
        t(
            "Each document of the class is equally likely to leak, and each share of its lasting slots is equally likely to show. Numbers of colluders: {numbers}.",
            {
                numbers: listText(
                    colluderChances.map(({ colluders, chance }) =>
                        t("{colluders} with a chance of {chance}", { colluders, chance: chanceText(chance) }),
                    ),
                ),
            },
        ),
    insider: ({ copyShare }) =>
        t(
            "A leak by an insider or a compromise is a copy with a chance of {copies}, and else the master. Leaks of the finder's knowledge, and independent finds, match no copy.",
            { copies: chanceText(copyShare) },
        ),
    polled: ({ polledShare, quotedChance }) =>
        t(
            "A leak of a class polled without marks is of the polled text with a chance of {polled}. A canary is quoted with a chance of {quoted}.",
            { polled: chanceText(polledShare), quoted: chanceText(quotedChance) },
        ),
    delay: ({ medianHours, windowHours }) =>
        t(
            "Half of the leaks of a copy are seen within {medianHours} hours. Independent finds are seen evenly over {windowHours} hours. A source that knows of a staggered release waits, and then the release reveals nothing.",
            { medianHours, windowHours },
        ),
    cross_case_weights: () =>
        t(
            "Cross-case evidence divides the weight of partners among them. The weights of the other hypotheses stay as members set them.",
        ),
    not_measured: () =>
        t("These are assumptions, not measurements. They rank options, accuse no partner, and enter no e-value."),
}

export const planningTextsOf = ({ assumptions, model }: Pick<Options, "assumptions" | "model">): string[] =>
    assumptions.map((code) => planningTexts[code](model))
