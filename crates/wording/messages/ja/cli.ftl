# The command line.
cli-report-sent = { $time }に送りました。返事があるまで、こちらで呼び続けます。
cli-report-done = いちばん大事なことは、もう済みました。
cli-report-not-sent = まだ送れていません。サーバーにつながりません。
cli-report-call = 待たずに、電話をかけてください。
cli-report-stop-watching = Ctrl-C で表示を終えても、呼び出しは続きます。
cli-attempt = { $time } { $name } { $channel } { $state }
cli-next = 次は{ $name }さんに{ $channel }、{ $when }
cli-add-more = 足すこと: ippo log fact "見たこと"
cli-verify-good = 書き換えはありません({ $count }件)。
cli-verify-bad = { $line }行目が合いません: { $why }
cli-about = 重大な問題の第一報を、かならず人に届けます
cli-about-report = 知らせる。だれかが返事をするまで呼び続けます
cli-about-log = 時系列に記録を足す
cli-about-login = このコンピューターを自分につなぐ
cli-about-demo = 試してみる。架空の会社が、この一台で動きます
cli-about-init = 設定ファイルを書き、最初の管理者を作る
cli-about-serve = サーバーを動かす
cli-about-doctor = すべてを点検し、することを知らせる
cli-about-directory = 人・チーム・連絡先をファイルから取り込む、書き出す
cli-about-token = API のトークン
cli-about-rehearse = いつ、だれが呼ばれるかの予行
cli-about-export = インシデントの台帳を JSON Lines で書き出す
cli-about-verify = 台帳と報告の控えを、オフラインで確かめる
cli-about-backup = サーバーを動かしたまま、データベースの写しをとる
cli-about-restore = 写しをデータベースに戻す
cli-about-migrate = データベースを最新の形にして終わる
cli-about-completions = シェルの補完を書き出す
cli-at-once = すぐ
cli-no-token = このコンピューターはまだあなたにつながっていないので、ここからは送れません。
cli-no-token-remedy = 一度だけ、ippo login --server URL でつないでください
cli-report-no-numbers = このコンピューターには番号が残っていません。近くの人に声をかけてください。
cli-watch-accepted = { $name }さんが引き受けました。もう、ひとりではありません。
cli-watch-promised = { $time }までに折り返しがあります。なければ、呼び出しを再開します。
cli-watch-next = 次の呼び出しは{ $when }
cli-watch-away = サーバーがいま応答しません。報告は保存されています。引き続き確認します。
cli-login-open = ippo にサインインしているブラウザーで、次を開いてください:
cli-login-code = コードが同じか見て、確認してください: { $code }
cli-login-too-late = コードの期限が切れました。もう一度 ippo login から始めてください
cli-login-done = { $name }さんとしてつながりました。{ $path } に、あなただけが読める形で残しました。
cli-log-done = { $incident } に足しました。
cli-log-no-incident = 見られる進行中のインシデントがありません。--incident で指定してください。
cli-verify-redacted = { $count }件は秘匿されています。つながりは切れていません。
cli-verify-receipt = 控えと合っています。署名の鍵: { $key }
cli-import-warning = 確認してください:
cli-import-nothing-changed = 何も変えていません。
cli-import-kept-admin = 管理者の { $id } はファイルにありませんが、残しました。管理者は「人」のページで外します。
cli-import-would = { $count ->
    [0] 変わるところはありません。
   *[other] { $count }件が変わります。まだ何も変えていません。
}
cli-import-done = { $count ->
    [0] 変わったところはありません。
   *[other] { $count }件を変えました。
}
cli-init-written = 書きました: { $path }
cli-init-link = このリンクを開いて、最初の管理者のパスワードを決めてください。7日のあいだ、一度だけ使えます:
cli-init-next = 次は ippo serve、ippo directory import ファイル名、ippo doctor の順です
cli-init-admin = 管理者
cli-serve-no-last-resort = organisation.last_resort が空です。ほかにだれもいないときに呼ぶ人を決めてください。
cli-demo-what = ブラウザーでこのアドレスを開いてください。すべて架空で、本物には何も送りません。
cli-demo-stop = Ctrl-C で終わります。
cli-backup-done = 写しをとりました: { $path }
cli-restore-done = { $path } に戻しました。前のものは、名前の終わりに .replaced- と番号をつけて隣に残してあります。
cli-migrate-done = データベースは最新の形です。
cli-rehearse-line = 呼ばれる人(順番):
cli-rehearse-later = あとで
cli-rehearse-steps = だれも返事をしないときに送るもの:
cli-doctor-ok = 良
cli-doctor-warning = 注意
cli-doctor-problem = 不備
cli-doctor-well = すべて整っています。
cli-doctor-not-well = 直すところがあります。上を見てください。
