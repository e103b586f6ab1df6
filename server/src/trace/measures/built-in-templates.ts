/** Built-in templates, used until the operator writes its own versions. */
import type { LetterKind, LetterText } from "./letter.ts"

const appeals =
    "You may appeal once, until [appeal_by], in the portal next to this letter. Two people who took no part in this " +
    "decision decide the appeal. They never make the decision harder."

const obligation = "The obligation is this:\n\n[obligation]\n\n"

const fetchable = "You can fetch the content that you are entitled to now, including content released in the meantime."
const reachable = "You can still read your own status and our letters, and answer them."

export const shippedLetters: Readonly<Record<LetterKind, LetterText>> = {
    restrict: {
        subject: "What you receive from us changes",
        text:
            "From [from] some material reaches you later than before, or not at all.\n\n" +
            "This is a decision about risk. It finds no fault with you. If you think that our facts are wrong, " +
            "please " +
            "answer this letter.\n\n[held]\n",
    },
    relaxation: {
        subject: "You receive more from us again",
        text: `Two people have decided to relax the restriction of what you receive, from [from]. ${fetchable}\n`,
    },
    lift: {
        subject: "A restriction has ended",
        text: "Two people have decided to end the restriction of what you receive, from [from].\n",
    },
    end_by_reporting_duty: {
        subject: "What you receive from us changes again",
        text:
            "From [from] the restriction of which we informed you no longer applies, because another rule applies " +
            "now. " +
            `${fetchable}\n`,
    },
    interim_suspension: {
        subject: "Your access is suspended for now",
        text:
            "From [from] you receive nothing about cases, on any channel. This is a precaution: it finds no fault " +
            "with " +
            "you.\n\n" +
            `Two people review it by [review_by]. It remains in force until they have decided. ${reachable} Please ` +
            `answer ` +
            "this letter: who had access, and what have you noticed?\n\n[held]\n",
    },
    suspension_extended: {
        subject: "Your access stays suspended for now",
        text:
            "Two people have reviewed the suspension and extended it. It is still a precaution, and finds no fault " +
            "with " +
            "you. The next review is due by [review_by].\n\n[held]\n",
    },
    reinstatement: {
        subject: "Your access is restored",
        text: `Two people have decided to end your suspension, from [from]. ${fetchable}\n`,
    },
    suspension_ended: {
        subject: "A suspension has ended, and another decision is in force",
        text:
            "Two people have decided to end one of the measures by which you receive nothing about cases, from " +
            "[from]. " +
            "Another measure, of which we informed you earlier, is still in force: you still receive nothing about " +
            `cases. ${reachable}\n`,
    },
    statement_of_concern: {
        subject: "We ask for your answer: an obligation of your agreement",
        text:
            "We have come to a finding that concerns an obligation of your agreement. " +
            `${obligation}` +
            "Nothing is decided. You have until [answer_by] to answer, in the portal next to this letter: correct " +
            "our " +
            "facts, name others that support you, and say what you have done since. Two people decide after your " +
            "answer, " +
            "or after this deadline. If you need more time, ask for it before.\n\n" +
            "A finding about a copy is not a finding about a person. A text can come from a copy that was issued to " +
            "you, " +
            "and another person can have used it after an intrusion: please look for one.\n",
    },
    extension: {
        subject: "You have more time for your answer",
        text: "You have until [answer_by] to answer our letter.\n",
    },
    no_sanction: {
        subject: "Decision: no sanction",
        text: "Two people have decided on no sanction after our statement of concern. Thank you for your answer.\n",
    },
    reprimand: {
        subject: "Decision: reprimand",
        text:
            "Two people have decided on a reprimand for the breach of an obligation of your agreement. Your access " +
            "does " +
            `not change. ${obligation}${appeals}\n`,
    },
    suspension: {
        subject: "Decision: suspension",
        text:
            "Two people have decided to suspend your organisation, from [from], for the breach of an obligation of " +
            "your " +
            `agreement. ${obligation}` +
            "You can be reinstated from [return_from] on, once two people have confirmed that these terms are " +
            "met:\n\n" +
            "[terms]\n\n" +
            `${reachable} ${appeals} The suspension remains in force during an appeal.\n\n[held]\n`,
    },
    termination: {
        subject: "Decision: end of membership",
        text:
            "Two people have decided to end your organisation's membership, from [from], for the breach of an " +
            "obligation " +
            `of your agreement. ${obligation}${appeals}\n\n` +
            "Duties that the agreement extends beyond its end remain.\n\n[held]\n",
    },
    decision_upheld: {
        subject: "Your appeal: the decision is upheld",
        text: "Two people who took no part in the first decision have decided your appeal. They uphold the decision.\n",
    },
    decision_relaxed: {
        subject: "Your appeal: the decision becomes milder",
        text:
            "Two people who took no part in the first decision have decided your appeal. From [from] the decision is " +
            "this instead: [outcome].\n",
    },
    decision_lifted: {
        subject: "Your appeal: the decision is lifted",
        text:
            "Two people who took no part in the first decision have decided your appeal, and lift the decision from " +
            `[from]. ${fetchable} This is not so while another decision of which we informed you is in force.\n`,
    },
}
