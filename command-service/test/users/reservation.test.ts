import type { ReservationEvent } from '@creator-dashboards/shared/events/user';
import { newId } from '@creator-dashboards/shared/ids';
import { expect } from 'chai';
import { reservation, reservedDigest, type ReservationCommand } from '../../src/domain/reservation.js';
import { reservationStream } from '@creator-dashboards/shared/reservations';
import { given } from '../support/decider.js';

const [ownerId, otherId, commandId, other] = [newId(), newId(), newId(), newId()];
const stream = 'name-1234';
const exclusive = 'socialAccount-TIKTOK_1234';
const at = '2026-05-01T10:00:00.000Z';
const purpose = 'RENAME' as const;

const reserve: ReservationCommand = {
  type: 'Reserve',
  stream,
  ownerId,
  commandId,
  purpose,
  at,
  taken: 'error.user.username_taken',
};
const reserved = (by = commandId, owner = ownerId): ReservationEvent => ({
  type: 'Reserved',
  data: { ownerId: owner, commandId: by, purpose, at },
});
const undo = (takenBy: string): ReservationCommand => ({ type: 'Release', stream, ownerId, reason: 'UNDONE', takenBy });
const undone = (by: string): ReservationEvent => ({
  type: 'Released',
  data: { ownerId, commandId: by, reason: 'UNDONE' },
});
const release: ReservationCommand = { type: 'Release', stream: exclusive, ownerId, reason: 'DISCONNECTED' };
const released: ReservationEvent = { type: 'Released', data: { ownerId, commandId, reason: 'DISCONNECTED' } };
const retire: ReservationCommand = { type: 'Retire', stream, ownerId };
const retired: ReservationEvent = { type: 'Retired', data: { ownerId } };

describe('The reservation aggregate (G43)', () => {
  it('belongs to the first who asks', () => given(reservation).when(reserve).then(reserved()));
  it('is refused to others', () => {
    given(reservation, reserved(other, otherId)).when(reserve).refused('error.user.username_taken');
    given(reservation, reserved(commandId, otherId)).when(reserve).refused('error.user.username_taken');
  });
  it('does nothing when repeated by the same command', () => given(reservation, reserved()).when(reserve).nothing());
  it('can be made again after its release', () =>
    given(reservation, reserved(), undone(commandId)).when(reserve).then(reserved()));

  describe('of a name (G44)', () => {
    it('takes a mark of each command of its owner, once', () => {
      given(reservation, reserved(other)).when(reserve).then(reserved());
      given(reservation, reserved(other), reserved()).when(reserve).nothing();
    });
    it('loses the mark of the command that is undone, and no other', () => {
      given(reservation, reserved()).when(undo(commandId)).then(undone(commandId));
      given(reservation, reserved(other)).when(undo(commandId)).nothing();
      const both = given(reservation, reserved(other), reserved());
      both.when(undo(commandId)).then(undone(commandId));
      both.when(undo(other)).then(undone(other));
    });
    it('keeps its last mark while it is in use', () => {
      const keeping = (takenBy: string) => ({ ...undo(takenBy), keepsLast: true }) as ReservationCommand;
      given(reservation, reserved()).when(keeping(commandId)).nothing();
      given(reservation, reserved(other), reserved()).when(keeping(commandId)).then(undone(commandId));
    });
    it("stays its owner's until the last mark is gone, then is free", () => {
      const history = [reserved(other), reserved(), undone(other)];
      const byOther = { ...reserve, ownerId: otherId };
      given(reservation, ...history)
        .when(byOther)
        .refused('error.user.username_taken');
      given(reservation, ...history, undone(commandId))
        .when(byOther)
        .then(reserved(commandId, otherId));
    });
    it('is retired once, by its owner only; then nobody gets it, though the mark of an undone command is taken back', () => {
      given(reservation, reserved()).when(retire).then(retired);
      given(reservation, reserved(other, otherId)).when(retire).nothing();
      const gone = given(reservation, reserved(other), reserved(), retired);
      gone.when(retire).nothing();
      gone.when(reserve).refused('error.user.username_taken');
      gone.when({ ...reserve, ownerId: otherId }).refused('error.user.username_taken');
      gone.when(undo(commandId)).then(undone(commandId));
      const left = given(reservation, reserved(other), reserved(), retired, undone(commandId), undone(other));
      left.when({ ...reserve, ownerId: otherId }).refused('error.user.username_taken');
      for (const { state } of [gone, left]) expect(state.ownerId, 'it leads to nobody').to.equal(null);
    });
  });

  describe('of an e-mail address or a social account', () => {
    it('is refused to its owner for another command: it may be about to be given back', () => {
      for (const held of [exclusive, 'email-1234'])
        given(reservation, reserved(other))
          .when({ ...reserve, stream: held })
          .refused('error.user.username_taken');
    });
    it('is released once, by its owner only', () => {
      given(reservation, reserved()).when(release).then(released);
      given(reservation, reserved())
        .when({ ...release, ownerId: otherId })
        .nothing();
      given(reservation, reserved(), released).when(release).nothing();
    });
  });

  it('has its owner in its routing keys, after release and retirement too (9.1)', () => {
    for (const after of [[], [undone(commandId)], [retired]])
      expect(reservation.keysOf(given(reservation, reserved(), ...after).state, reserve)).to.deep.equal({
        userId: ownerId,
      });
  });
  it('is named by a digest', () => {
    expect(reservationStream('name', '1234')).to.equal(stream);
    expect(reservedDigest(stream)).to.equal('1234');
    expect(reservedDigest(reservationStream('socialAccount', 'TIKTOK_5678'))).to.equal('5678');
  });
});
