import type { TokenRole } from '@creator-dashboards/shared/http/auth';
import { HOUR, SECOND } from '@creator-dashboards/shared/time';
import type { DemoFile, DemoState, Person } from './file.js';
import { roleOf } from './personas.js';

const TOKEN_SECONDS = (12 * HOUR) / SECOND;

type Sign = (who: { userId: string; role: TokenRole }, seconds: number) => string;

/** What `npm start` prints: addresses, tokens, four commands to paste. Also writes the tokens beside the data, for scripts. */
export function banner(url: string, state: DemoState & { complete: true }, file: DemoFile, sign: Sign): string {
  const { complete, url: _before, ...people } = state;
  const shown = Object.entries(people).map(([name, person]: [string, Person]) => {
    const { userId, creatorId } = person;
    return [name, { userId, creatorId, token: sign({ userId, role: roleOf(name) }, TOKEN_SECONDS) }] as const;
  });
  file.write({ complete, url, ...Object.fromEntries(shown) });
  const tokens = Object.fromEntries(shown.map(([name, { token }]) => [name, token]));
  const api = `${url}/api/v1`;
  return `
Creator dashboards are running on ${url}
  API documentation   ${url}/docs
  Health, metrics     ${url}/readyz   ${url}/metrics
  Personas            ${api}/demo/personas

Tokens, good for 12 hours (all of the people: ${file.path}):
CREATOR=${tokens.creator}
FAN=${tokens.fan}
ADMIN=${tokens.admin}

Paste the three lines above, then:
curl -s -H "Authorization: Bearer $CREATOR" ${api}/creators/dashboard
curl -s -H "Authorization: Bearer $CREATOR" ${api}/creators/profile
curl -s -H "Authorization: Bearer $CREATOR" ${api}/creators/${people.creator.creatorId}/dm-config
curl -s -H "Authorization: Bearer $CREATOR" ${api}/referral/dashboard

Stop with Ctrl-C; the data stays and is found again.
`;
}
