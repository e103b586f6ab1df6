/** Alarms about cases whose embargo may have to end early, each with the page where people decide. */
import { Link } from "@tanstack/react-router"
import { When } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { useMayRead, useNames } from "../artifacts/viewer.tsx"
import { triggerNames } from "../cases/embargo/proposed-ends.tsx"
import { rich, t } from "../../messages/message.ts"

export function EarlyEndAlarms() {
    const names = useNames()
    const decisions = useMayRead("case:read", "/api/embargo-proposals").data?.decisions ?? []
    return decisions.flatMap(({ case: id, proposal, endsAt, terminationProposal }) =>
        terminationProposal === null
            ? []
            : [
                  <section key={`${id} ${proposal}`} className="alarm" aria-label={t("Alarm")}>
                      <span className="alarm-sign">
                          <Icon name="alarm" />
                      </span>
                      <div>
                          <h2>{names.case(id)}</h2>
                          <p>
                              {rich("An early end of the embargo is proposed for {end}: {trigger}.", {
                                  end: <When at={endsAt} short />,
                                  trigger: triggerNames[terminationProposal.trigger],
                              })}
                          </p>
                      </div>
                      <div className="row">
                          <Link to={`/cases/${id}/reports/sightings`} className="button plain">
                              {t("View reports")}
                          </Link>
                          <Link to={`/cases/${id}/embargo`} className="button danger">
                              {t("Review proposal")}
                          </Link>
                      </div>
                  </section>,
              ],
    )
}
