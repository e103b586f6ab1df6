/** A tier criterion's condition in words. */
import type { TierCriterion } from "../../../../server/src/trust/partners/requirements/qualification.ts"
import { t, valueText } from "../../messages/message.ts"

/** Returns like "months active at least 6". */
export const conditionText = ({ fact, is, value }: TierCriterion): string =>
    t("{fact} {comparison} {threshold}", { fact: valueText(fact), comparison: valueText(is), threshold: value })
