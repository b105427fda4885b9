# سجل الأشخاص: ما الذي حدث والخطوة التالية.

problem-identity-entry = لا يمكن حفظ بعض الإجابات كما هي.
problem-identity-entry-next = صحّح الحقول المشار إليها ثم أعد الإرسال.
problem-identity-key-missing = لا يحمل الطلب مفتاح عدم التكرار، فقد يؤدي إرساله مرتين إلى تسجيل الشخص مرتين.
problem-identity-key-missing-next = اختر مفتاحًا من 1 إلى 200 حرف لكل عملية، وأرسل المفتاح نفسه عند إعادة المحاولة.
problem-identity-key-used = سبق استعمال مفتاح عدم التكرار هذا لطلب آخر.
problem-identity-key-used-next = اختر مفتاحًا جديدًا لهذا الطلب.
problem-identity-candidates = يوجد في السجل شخص شديد الشبه.
problem-identity-candidates-next = قارن بينهما. إن كانا شخصين فاذكر السبب وسجّل، وإن كانا شخصًا واحدًا فصحّح السجل الموجود.
problem-identity-reason = يلزم ذكر سبب من 1 إلى 500 حرف.
problem-identity-reason-next = اكتب في جملة سبب ذلك. يستطيع صاحب السجل قراءته.
problem-identity-evidence = المستند المعتمد عليه غير مذكور أو يتجاوز 500 حرف.
problem-identity-evidence-next = اذكر الوثيقة أو الشخص الذي يشهد.
problem-identity-unknown = لا يوجد هذا الشخص في السجل، أو مُحيت بياناته.
problem-identity-unknown-next = أعد البحث.
problem-identity-changed = غيّر شخص آخر هذا السجل في هذه الأثناء.
problem-identity-changed-next = افتح السجل من جديد وانظر إلى التغيير ثم صحّح.
problem-identity-unchanged = لا يختلف شيء عما هو مسجل.
problem-identity-unchanged-next = غيّر ما هو خطأ أو غادر الصفحة.
problem-identity-numbers-out = لم يُعثر على رقم متاح. لم يُسجل أي شيء.
problem-identity-numbers-out-next = حاول مرة أخرى. إن تكرر ذلك فأخبر المشغّل.
problem-identity-search-attributes = يحتاج البحث إلى معلومتين عن الشخص.
problem-identity-search-attributes-next = اذكر الاسم مع سنة الولادة أو مكانها، أو رقمًا مع معلومة أخرى.
problem-identity-search-many = يطابق البحث أكثر من 20 شخصًا، فلا يُعرض أحد.
problem-identity-search-many-next = أضف تاريخ الولادة كاملًا أو المكان أو جزءًا آخر من الاسم.
problem-identity-card-none = لا يملك هذا الشخص بطاقة سارية.
problem-identity-card-none-next = أصدر بطاقة جديدة أولًا.
problem-identity-photo = هذا الملف ليس صورة يمكن حفظها.
problem-identity-photo-next = أرسل صورة JPEG أو PNG، أو تابع بلا صورة.
problem-identity-erase-payload = تغيّر السجل بعد طلب المحو.
problem-identity-erase-payload-next = انظر في السجل من جديد وقدّم طلبًا جديدًا.
problem-identity-import-running = يجري استيراد هذا الملف بجدول مطابقة آخر أو بعملية أخرى.
problem-identity-import-running-next = تابع بجدول المطابقة الذي بدأ به، أو دع العملية الأخرى تنتهي.
problem-identity-import-done = سبق استيراد هذا الملف.
problem-identity-import-done-next = ضع الأسطر المرفوضة بعد تصحيحها في ملف جديد واستورده.

# أخطاء الحقول.
identity-fault-name-empty = اكتب الاسم أو جزءًا منه
identity-fault-name-long = اكتب 200 حرف على الأكثر
identity-fault-name-letter = اكتب الاسم بحرف واحد على الأقل
identity-fault-name-invisible = أعد كتابة الاسم: فيه رمز تحكم غير مرئي
identity-fault-name-sign = احذف العلامات التي لا تنتمي إلى اسم، مثل < أو =
identity-fault-name-damaged = أعد كتابة الاسم: فقد تضرر في الطريق
identity-fault-name-marks = أعد كتابة الاسم: علامات كثيرة على حرف واحد
identity-fault-other-names-many = احتفظ بستة أسماء أخرى على الأكثر
identity-fault-number-length = أعد عدّ الأرقام: طول الرقم غير صحيح
identity-fault-number-character = اكتب أرقامًا فقط
identity-fault-number-check = قارن الرقم بالبطاقة: رقم خاطئ أو رقمان متبادلان
identity-fault-date-form = اكتب التاريخ بالسنة والشهر واليوم، أو ما هو معروف منها فقط
identity-fault-date-calendar = صحّح التاريخ: لا يوجد هذا اليوم في التقويم
identity-fault-date-future = صحّح التاريخ: إنه في المستقبل
identity-fault-died-before-born = صحّح أحد التاريخين: الوفاة قبل الولادة
identity-fault-choice = اختر إحدى إجابات القائمة
identity-fault-place = اختر مكانًا من القائمة
identity-fault-address-lines = اكتب خمسة أسطر على الأكثر
identity-fault-text-long = اكتب 120 حرفًا على الأكثر
identity-fault-text-invisible = أعد الكتابة: فيها رمز تحكم غير مرئي
identity-fault-text-damaged = أعد الكتابة: فقد تضرر النص في الطريق
identity-fault-text-marks = أعد الكتابة: علامات كثيرة على حرف واحد
identity-fault-phone = اكتب رقم هاتف من 3 إلى 15 رقمًا
identity-fault-email = اكتب عنوان بريد إلكتروني، مثل name@example.org
identity-fault-language = اختر لغة من القائمة
identity-fault-photo = أعد إرسال الصورة

# البطاقات والشهادات.
identity-paper-card = بطاقة هوية
identity-paper-certificate = شهادة تسجيل
identity-paper-number = الرقم
identity-paper-issued = صدرت في
identity-paper-valid-until = صالحة إلى
identity-paper-check = يستطيع أي شخص التحقق من هذه الوثيقة بلا شبكة: اقرأ الرمز وأعط نصه لأداة التحقق.
identity-paper-code = رمز يحمل محتوى هذه الوثيقة موقَّعًا
identity-paper-photo = صورة صاحب الوثيقة
identity-paper-unknown = غير معروف
identity-paper-name = الاسم
identity-paper-other-name = اسم آخر
identity-paper-born = تاريخ الولادة
identity-paper-sex = الجنس
identity-paper-birth-place = مكان الولادة
identity-sex-female = أنثى
identity-sex-male = ذكر
identity-sex-other = غير ذلك
identity-sex-unknown = غير معروف

# الوضع في البلد.
identity-standing = الوضع في البلد
identity-standing-citizen = مواطن أو مواطنة
identity-standing-foreigner = أجنبي أو أجنبية
identity-standing-refugee = لاجئ أو لاجئة
identity-standing-stateless = بلا جنسية
identity-standing-unknown = غير معروف

problem-identity-proof-wait = هذا الإثبات ليس جاهزًا بعد.
problem-identity-proof-wait-next = انتظر بضع ثوانٍ ثم حاول مجددًا.
problem-identity-fields-unknown = يذكر الطلب حقلًا لا يعرفه السجل، أو لا يذكر أي حقل.
problem-identity-fields-unknown-next = لا تطلب إلا حقول السجل أو number أو card أو history.

# القائمة والمكتب.
identity-nav-me = سجلّي
identity-nav-looks = من اطّلع
identity-nav-register = تسجيل شخص
identity-nav-register-hint = لمن ليس في السجل بعد.
identity-nav-search = البحث عن شخص
identity-nav-search-hint = لقراءة سجل أو تصحيحه أو طباعته. سيرى الشخص أنك اطّلعت.

# ما يعرفه السجل عن الشخص.
identity-name = الاسم
identity-given = الاسم الأول
identity-family = اسم العائلة
identity-other-names = أسماء أخرى
identity-born = تاريخ الولادة
identity-born-hint = السنة ثم الشهر ثم اليوم، مثل ‎1987-03-14‎. إن كنت لا تعرف إلا السنة فاكتب السنة.
identity-birth-place = مكان الولادة
identity-birth-place-code = مكان الولادة: رمزه في قائمة البلد
identity-sex = الجنس
identity-mother = اسم الأم
identity-father = اسم الأب
identity-address = العنوان
identity-address-place = مكان السكن: رمزه في قائمة البلد
identity-phone = الهاتف
identity-email = البريد الإلكتروني
identity-died = تاريخ الوفاة
identity-photo = الصورة
identity-number = الرقم الوطني
identity-card-number = رقم البطاقة
identity-registered-on = تاريخ التسجيل
identity-version = النسخة
identity-unknown = غير معروف

# الحقول نفسها في قائمة: ما الذي اطُّلع عليه.
identity-field-name = الاسم
identity-field-other-names = الأسماء الأخرى
identity-field-born = تاريخ الولادة
identity-field-birth-place = مكان الولادة
identity-field-sex = الجنس
identity-field-parents = اسما الأب والأم
identity-field-address = العنوان
identity-field-contacts = الهاتف والبريد الإلكتروني
identity-field-standing = الوضع في البلد
identity-field-died = تاريخ الوفاة
identity-field-photo = الصورة
identity-field-number = الرقم الوطني
identity-field-card = البطاقة
identity-field-history = النسخ السابقة
identity-field-complaint = الشكوى
identity-field-letter = رسالة موجهة إليك

# لماذا يطّلع الموظف.
identity-why = فتح سجل
identity-purpose = لماذا تحتاج إلى الاطّلاع؟
identity-purpose-hint = سيقرأ الشخص هذا السبب.
identity-case = رقم الملف
identity-case-hint = فقط إن كان السبب يتطلب ملفًا مفتوحًا لدى جهتك.
identity-court = مرجع أمر المحكمة
identity-court-hint = فقط إن أمرت محكمة بأن يعلم الشخص بهذا الاطّلاع لاحقًا.
identity-unseal = اليوم الذي يعلم فيه الشخص بهذا الاطّلاع

# البحث عن شخص.
identity-search = البحث عن شخص
identity-search-lead = اكتب معلومتين على الأقل تعرفهما عن الشخص.
identity-search-seen = من تطّلع على بياناته سيرى أنك أنت من اطّلع، ومتى، ولماذا.
identity-search-button = بحث
identity-any-number = الرقم
identity-any-number-hint = الرقم الوطني أو رقم البطاقة.
identity-found = نتائج البحث
identity-found-none = لم نجد أحدًا. راجع الإملاء، أو ابحث بمعلومات أخرى تعرفها.
identity-found-seen = سيرى كل واحد من هؤلاء أنك اطّلعت، ولماذا.
identity-open = فتح السجل

# صفحة الشخص لدى الموظفين.
identity-person = سجل شخص
identity-seen-note = سُجّل هذا الاطّلاع. يستطيع الشخص أن يرى أنك أنت من اطّلع، ومتى، ولماذا.
identity-look-receipt = إيصال هذا الاطّلاع
identity-history = كيف تغيّر هذا السجل
identity-when = متى
identity-writer = كتبه
identity-reason = السبب
identity-reason-hint = جملة واحدة. يستطيع الشخص قراءتها.
identity-evidence = الوثيقة أو الشاهد الذي يثبت ذلك
identity-correct = تصحيح السجل
identity-correct-lead = غيّر ما هو خطأ فقط. يُحفظ ما كان مكتوبًا من قبل.
identity-correct-send = حفظ التصحيح
identity-corrected = صُحّح السجل
identity-print-card = طباعة البطاقة
identity-print-certificate = طباعة شهادة
identity-replace-card = استبدال البطاقة
identity-replace-reason = لماذا يحتاج الشخص إلى بطاقة جديدة؟
identity-card-replaced = استُبدلت البطاقة
identity-give-activation = إصدار رمز تفعيل
identity-activation = رمز التفعيل
identity-activation-once = يُعرض هذا الرمز الآن فقط. اطبعه أو اكتبه وسلّمه إلى الشخص.
identity-activation-how = بهذا الرمز يفتح الشخص حسابه الخاص: في صفحة البداية يختار «تفعيل حسابك».
identity-erase = طلب محو البيانات
identity-erase-ground = أي قانون يطلب المحو؟
identity-erased = مُحيت بيانات الشخص
identity-to-person = الذهاب إلى سجل الشخص

# تسجيل شخص.
identity-register = تسجيل شخص
identity-register-lead = تجيب عن أمر واحد في كل مرة. يمكنك أن تتوقف ثم تتابع لاحقًا. وقبل التسجيل ترى كل الإجابات مرة أخرى.
identity-register-start = ابدأ
identity-draft = تسجيل حُفظ آخر مرة: { $when }
identity-draft-open = لم يكتمل
identity-drafts = تسجيلات بدأتها
identity-register-send = تسجيل هذا الشخص
identity-registered = سُجّل الشخص
identity-doubles = هل هذا الشخص مسجل من قبل؟
identity-doubles-lead = الأشخاص أدناه شديدو الشبه. قارنهم بالشخص الذي أمامك. سيرى كل منهم أنك اطّلعت.
identity-despite = كيف تعرف أنه شخص آخر؟
identity-despite-hint = مثلًا: هما توأمان، أو اسما الأب والأم مختلفان.
identity-register-anyway = إنه شخص آخر: سجّل
identity-register-discard = إنه الشخص نفسه: احذف هذا التسجيل

# صفحات المواطن.
identity-me = سجلّك
identity-me-looks-count =
    { $count ->
        [zero] لم يطّلع أحد على بياناتك حتى الآن.
        [one] اطُّلع على بياناتك مرة واحدة حتى الآن.
        [two] اطُّلع على بياناتك مرتين حتى الآن.
        [few] اطُّلع على بياناتك { $count } مرات حتى الآن.
        [many] اطُّلع على بياناتك { $count } مرة حتى الآن.
       *[other] اطُّلع على بياناتك { $count } مرة حتى الآن.
    }
identity-my-record = سجلّي
identity-my-record-hint = ما يعرفه البلد عنك.
identity-my-looks = من اطّلع على بياناتي
identity-my-looks-hint = كل اطّلاع: من، ومتى، ولماذا.
identity-my-receipts = إيصالاتي
identity-my-receipts-hint = إثبات ما فعلته المكاتب بشأنك.
identity-my-card = بطاقتي
identity-my-card-hint = ملف PDF للحفظ أو الطباعة.
identity-my-certificate = شهادتي
identity-my-certificate-hint = ملف PDF يبيّن أنك مسجل.
identity-my-data = كل ما نحتفظ به عنك
identity-my-data-hint = ملف واحد تأخذه معك، تقرؤه البرامج (JSON).
identity-my-complaints = شكاواي
identity-my-complaints-hint = اكتب شكوى واقرأ الإجابات.
identity-my-sessions = أين سجّلت الدخول
identity-my-sessions-hint = إن لم تعرف أحد الأجهزة فأنهِ جلسته.
identity-wrong = هل في هذا خطأ؟
identity-wrong-text = اذهب إلى مكتب تسجيل ومعك وثيقة تبيّن الصواب، أو شخص يشهد به. وستجد إيصال التصحيح في هذه الصفحات.

# من اطّلع.
identity-looks-gap = بين { $from } و{ $to } ربما اطّلع أحد دون أن يظهر ذلك في هذه القائمة: ضاع جزء من السجل واستُعيدت نسخة أقدم. القائمة كاملة قبل ذلك وبعده.
identity-looks-prolonged =
    { $count ->
        [one] كان ينبغي أن يكون واحد منها مفتوحًا الآن، ووافقت مؤسسة ثانية على بقائه مغلقًا مدة أطول.
        [two] كان ينبغي أن يكون اثنان منها مفتوحين الآن، ووافقت مؤسسة ثانية على بقائهما مغلقين مدة أطول.
       *[other] كان ينبغي أن يكون { $count } منها مفتوحًا الآن، ووافقت مؤسسة ثانية على بقائها مغلقة مدة أطول.
    }
identity-looks-sealed =
    { $count ->
        [zero] لا اطّلاع أغلقته محكمة.
        [one] أغلقت محكمة اطّلاعًا واحدًا في الوقت الحالي. إنه محسوب هنا، وستستطيع قراءته في اليوم الذي حددته المحكمة.
        [two] أغلقت محكمة اطّلاعين في الوقت الحالي. إنهما محسوبان هنا، وستستطيع قراءتهما في اليوم الذي حددته المحكمة.
        [few] أغلقت محكمة { $count } اطّلاعات في الوقت الحالي. إنها محسوبة هنا، وستستطيع قراءتها في الأيام التي حددتها المحكمة.
        [many] أغلقت محكمة { $count } اطّلاعًا في الوقت الحالي. إنها محسوبة هنا، وستستطيع قراءتها في الأيام التي حددتها المحكمة.
       *[other] أغلقت محكمة { $count } اطّلاع في الوقت الحالي. إنها محسوبة هنا، وستستطيع قراءتها في الأيام التي حددتها المحكمة.
    }
identity-look-sentence = جرى اطّلاع على بياناتك. من اطّلع: { $who }، { $office }. السبب: { $purpose }.
identity-look-hidden = أغلقت محكمة هذا الاطّلاع في الوقت الحالي. ستستطيع قراءته في اليوم الذي حددته المحكمة.
identity-look-unknown = لا أعرف السبب: كتابة شكوى
identity-agency = الجهة
identity-role = الدور
identity-basis = القانون
identity-fields = ما الذي شوهد
identity-complete = هذه القائمة كاملة
identity-complete-text = كل اطّلاع على بياناتك عبر هذا النظام له رقم، واحدًا بعد الآخر. لا يستطيع أحد إسقاط واحد منها دون أن يظهر ذلك. وبالإثبات يستطيع أي شخص التحقق من ذلك، حتى بدوننا.
identity-proof = تنزيل الإثبات

# الإيصالات.
identity-receipts-lead = ما تفعله المكاتب بشأنك يترك إيصالًا. به تستطيع أن تثبت ماذا حدث ومتى.
identity-receipt-open = فتح الإيصال
identity-receipt = إيصال
identity-receipt-number = رقم الإيصال
identity-receipt-state = انظر أين وصل الإيصال
identity-receipt-pending = حُفظ، وسيُنشر خلال ثوانٍ. افتح هذه الصفحة مرة أخرى بعد لحظة.
identity-receipt-signed = إنه في السجل العام، بتوقيع البلد.
identity-receipt-cosigned = إنه في السجل العام، وقد أكّده الشهود. لا يستطيع أحد تغييره أو إخراجه دون أن يُلاحَظ ذلك.
identity-receipt-download = تنزيل الإيصال
identity-receipt-how = بهذا الملف تستطيع أن تثبت ما سُجّل، حتى بلا شبكة. قد تكون فيه بياناتك: احفظه في مكان آمن.
identity-policy = الملف اللازم للتحقق من الإيصال
identity-trust = كيف تتحقق من إيصال
identity-act-person-registered = سُجّلت في السجل
identity-act-person-corrected = صُحّح سجلّك
identity-act-person-erased = مُحيت بياناتك
identity-act-card-replaced = استُبدلت بطاقتك
identity-act-refused = رُفض طلبك
identity-act-activation-issued = صدر لك رمز تفعيل

# إحصاءات.
identity-statistics = إحصاءات
identity-statistics-lead = كم عدد من يعيشون هنا بحسب السجل. الأعداد الصغيرة جدًا مخفية كي لا يمكن التعرف على أحد.
identity-statistics-table-below = في الجدول أدناه الأرقام نفسها.
identity-by-age = الأشخاص حسب العمر
identity-age = من عمر
identity-by-district = الأشخاص حسب المنطقة
identity-district = المنطقة
identity-total = المجموع
identity-hidden = مخفي
identity-statistics-empty = لم يُسجَّل أحد بعد.
identity-post-activation = أرسل رمز التفعيل برسالة
identity-activation-posted = يصل الرمز إلى صاحبه برسالة
identity-act-letter-posted = أُرسلت إليك رسالة بالبريد
identity-my-data-paper = كل ما نحتفظ به عنك، على الورق
identity-my-data-paper-hint = المحتوى نفسه في وثيقة للقراءة والطباعة (PDF).
identity-data-made = أُعدت بتاريخ { $when }. تضم كل ما يحتفظ به عنك سجل السكان وسجل الاطلاع والأعمال والمكاتب.
identity-data-history = كل نسخ ملفك
identity-data-version = النسخة { $number }
identity-data-cards = بطاقاتك
identity-data-card-until = صالحة
identity-data-card-ended = أُلغيت
identity-data-card-issued = أُصدرت
identity-data-none = لا شيء.
identity-data-more = { $count ->
    [zero] لم يُترك شيء.
    [one] تُرك هنا مدخل أقدم. ملف البرامج (JSON) يضمه أيضا.
    [two] تُرك هنا مدخلان أقدم. ملف البرامج (JSON) يضمهما أيضا.
    [few] تُركت هنا { $count } مدخلات أقدم. ملف البرامج (JSON) يضمها أيضا.
    [many] تُرك هنا { $count } مدخلا أقدم. ملف البرامج (JSON) يضمها أيضا.
   *[other] تُرك هنا { $count } مدخل أقدم. ملف البرامج (JSON) يضمها أيضا.
}
identity-data-photo = صورتك محفوظة مختومة، ويمكنك رؤيتها ضمن «سجلّي».
identity-data-complaints = شكاواك
identity-data-words = كلامك
identity-data-answer = الجواب
identity-data-desk = تجيب عنها
identity-data-answered = تاريخ الجواب
identity-data-due = أجل الجواب
identity-data-sessions = الأجهزة التي دخلت منها
identity-data-device = الجهاز
identity-data-seen = آخر استعمال
identity-data-page = صفحة { $page } من { $pages }
identity-data-what = ماذا

# الرفض.
problem-identity-refusal-reason = يحتاج الرفض إلى سبب من الأسباب التي ينص عليها القانون.
problem-identity-refusal-reason-next = اختر سببا من القائمة. إن لم يناسب أي سبب فلا يجوز رفض الشخص.
problem-identity-refusal-code = هذا الرقم وهذا الرمز لا يتطابقان.
problem-identity-refusal-code-next = قارنهما بورقتك. الرمز أحد عشر حرفا.
problem-identity-refusal-complained = سبق أن اشتكيت من هذا الرفض.
problem-identity-refusal-complained-next = اقرأ أدناه ما آلت إليه شكواك.
identity-refuse = رفض شخص مع ذكر السبب
identity-refused = سُجل الرفض
identity-refused-hand = اطبع هذه الصفحة وسلمها للشخص. لا يظهر الرمز إلا مرة واحدة.
identity-refused-recourse = { $days ->
    [zero] يمكنك أن تشتكي. يجب أن يجيب شخص من خارج هذا المكتب اليوم.
    [one] يمكنك أن تشتكي. يجب أن يجيب شخص من خارج هذا المكتب خلال يوم واحد.
    [two] يمكنك أن تشتكي. يجب أن يجيب شخص من خارج هذا المكتب خلال يومين.
    [few] يمكنك أن تشتكي. يجب أن يجيب شخص من خارج هذا المكتب خلال { $days } أيام.
    [many] يمكنك أن تشتكي. يجب أن يجيب شخص من خارج هذا المكتب خلال { $days } يوما.
   *[other] يمكنك أن تشتكي. يجب أن يجيب شخص من خارج هذا المكتب خلال { $days } يوم.
  }
identity-refusals = حالات الرفض
identity-refusals-lead = من رُفض يتسلم ورقة فيها رقم ورمز. بهما تقرأ السبب وتشتكي وتقرأ الجواب، دون حساب.
identity-refusals-counts = كم شخصا رُفض
identity-refusals-quarters = لا تظهر إلا الفصول المنتهية، وتُحجب الأعداد الصغيرة كي لا يُعرف أحد.
identity-refusals-none = لم ينته بعد فصل فيه حالات رفض.
identity-refusals-quarter = السنة والفصل { $quarter }
identity-refusals-by-reason = حالات الرفض حسب السبب والجنس
identity-refusals-by-district = حالات الرفض حسب المنطقة والجنس
identity-refusals-by-age = حالات الرفض حسب العمر والجنس
identity-refusal-mine = قرار الرفض في شأنك
identity-refusal-open = قراءته
identity-refusal-number = الرقم
identity-refusal-code = الرمز
identity-refusal-code-hint = كما هو على الورقة، مثل ABCDE-FGHJK-M.
identity-refusal-reason = السبب
identity-refusal-words = ما قيل لك
identity-refusal-office = المكتب
identity-refusal-complaint = شكواك
identity-refusal-complained = ما كتبته
identity-refusal-answer = الجواب
identity-refusal-late = الجواب متأخر. هذا التأخر يُحصى ويُنشر.
identity-refusal-waits = يجب أن يصل الجواب في أجل أقصاه { $day }.
identity-refusal-complain = تقديم شكوى
identity-refusal-your-words = ما الخطأ، بكلامك

# Sign in with Daftar.
problem-identity-openid-off = تسجيل الدخول إلى الخدمات متوقف هنا.
problem-identity-openid-off-next = يشغّله المشغّل بالإعداد openid.issuer.
problem-identity-openid-issuer = هذا ليس عنوانا يمكن أن تعرف به الخدمات هذا البلد.
problem-identity-openid-issuer-next = اكتب https:// واسم المضيف دون مسار ودون شرطة في آخره.
problem-identity-openid-over = انتهى هذا الدخول: استغرق أكثر من عشر دقائق، أو بدأ في متصفح آخر، أو سبقت الإجابة عنه.
problem-identity-openid-over-next = عد إلى الخدمة واختر تسجيل الدخول من جديد.
problem-identity-openid-client = لا يمكن تسجيل الخدمة على هذا النحو.
problem-identity-openid-client-next = صحح الحقول المشار إليها.
problem-identity-openid-clients-many = بلغ عدد الخدمات المسجلة أقصاه.
problem-identity-openid-clients-many-next = اسحب خدمة لم يعد أحد يستعملها.
identity-openid-fault-keys = أعط مجموعة مفاتيح JSON فيها مفاتيح عامة لـ ES256، فقط إن كانت الخدمة توقّع طلباتها.
identity-openid-fault-name = اكتب اسما لا يزيد على 80 حرفا.
identity-openid-fault-why = قل بلغة أو أكثر لماذا تسأل الخدمة، في 300 حرف على الأكثر.
identity-openid-fault-agency = اختر جهة من القائمة.
identity-openid-fault-redirect = اكتب من عنوان إلى عشرة عناوين لمضيف واحد، كل منها يبدأ بـ https:// ودون #. عناوين جهاز الشخص وحدها قد تبدأ بـ http://.
identity-openid-fault-method = الخدمة التي لا تستطيع إثبات هويتها لا تُعطى رموزا خاصة بها.
identity-openid-stop = لا يمكن متابعة هذا الدخول
identity-openid-stop-lead = الخدمة التي أرسلتك إلى هنا سألت بطريقة لا يمكننا الوثوق بها. لم نرسل إليها شيئا عنك.
identity-openid-stop-next = ارجع وحاول ثانية. إن تكرر الأمر فأخبر الخدمة: الخطأ عندها.
identity-openid-stop-details = لمن يدير الخدمة
identity-openid-sign-in = الدخول إلى خدمة
identity-openid-continue = هل تتابع إلى { $name }؟
identity-openid-consent = هل تسمح لـ { $name } أن تعرف من أنت؟
identity-openid-who = { $name }، وتديرها { $organisation }، تطلب منك تسجيل الدخول. وهذا سبب طلبها:
identity-openid-learns = ما الذي ستعرفه
identity-openid-go = تابع
identity-openid-allow = نعم، أسمح
identity-openid-decline = لا، ارجع دون ذلك
identity-openid-where = في الحالتين تعود إلى { $address }.
identity-openid-back-out = يمكنك سحب هذا في أي وقت تحت «الخدمات التي أستعملها». وكل قراءة تظهر في قائمة من اطّلع على بياناتك.
identity-openid-locked = لقد أقفلت الدخول إلى الخدمات
identity-openid-locked-text = ما دام مقفلا لا تعرف أي خدمة شيئا عنك. افتح القفل تحت «الخدمات التي أستعملها»، ثم عد إلى الخدمة وسجل الدخول من جديد.
identity-openid-return = العودة إلى { $name }
identity-openid-sign-out = تسجيل الخروج
identity-openid-sign-out-lead = تطلب منك خدمة أن تسجل الخروج هنا أيضا.
identity-openid-sign-out-yes = سجل الخروج هنا
identity-openid-signed-out = لقد سجلت الخروج
identity-openid-signed-out-text = لم يعد أحد مسجل الدخول هنا. يمكنك إغلاق هذه الصفحة.
identity-item-sub = رقم أُعدّ لهذه الخدمة وحدها. ليس رقمك الوطني، ولا تعرفه خدمة أخرى.
identity-item-name = اسمك
identity-item-birthdate = تاريخ ميلادك
identity-item-gender = جنسك كما في أوراقك
identity-item-locale = اللغة التي تقرؤها
identity-item-email = بريدك الإلكتروني
identity-item-phone = رقم هاتفك
identity-item-address = عنوانك
identity-item-away = قد تقرأ هذا مرة أخرى في غيابك، خلال 30 يوما
identity-my-services = الخدمات التي أستعملها
identity-my-services-hint = ما سمحت به، وأين سجلت الدخول، وقفل لذلك كله.
identity-services-lead = هذه الخدمات قد تعرف شيئا عنك لأنك سمحت بذلك.
identity-services-none = لم تسمح لأي خدمة بشيء.
identity-services-since = سُمح به في
identity-services-revoke = اسحب الإذن من { $name }
identity-services-lock-title = القفل
identity-services-lock-text = بالقفل لا يستطيع أحد الدخول إلى خدمة باسمك، ولا تقرأ أي خدمة شيئا. ويبقى ما سمحت به إلى أن تفتح القفل.
identity-services-lock = أقفل الدخول إلى الخدمات
identity-services-locked = الدخول إلى الخدمات مقفل. لا تستطيع أي خدمة أن تقرأ شيئا عنك.
identity-services-unlock = افتح قفل الدخول إلى الخدمات
identity-services-unlock-text = بعدها يمكنك الدخول إلى الخدمات من جديد، وتستطيع الخدمات التي سمحت لها أن تقرأ من جديد.
identity-services-history = أين سجلت الدخول
identity-services-history-lead = الخدمات التي دخلتها في آخر 90 يوما. ما هو أقدم يُحذف. ولا يقرأ هذا غيرك.
identity-services-history-none = لم تدخل إلى أي خدمة.
identity-openid-organisation = تديره
identity-clients = خدمات يدخلها الناس
identity-clients-hint = سجل خدمة، واطلع على ما يجوز لها أن تسأله، واسحبها.
identity-clients-lead = يمكن لخدمة في هذه القائمة أن تتيح للناس الدخول بدفتر. والتسجيل والسحب عملان علنيان.
identity-clients-new = سجل خدمة
identity-clients-new-lead = تحقق من وجود المؤسسة، ومن أن العناوين لها، ومن حاجتها إلى ما تسأله.
identity-clients-name = الاسم الذي سيقرؤه الناس
identity-clients-name-hint = الاسم المكتوب على الباب، لا اسم منتج.
identity-clients-agency = الجهة المسؤولة عنها
identity-clients-agency-none = لا أحد
identity-clients-why = لماذا تسأل، بلغة { $language }
identity-clients-redirect = العناوين التي يعاد الناس إليها
identity-clients-redirect-hint = عنوان في كل سطر، كما سترسله الخدمة تماما.
identity-clients-logout = العناوين بعد تسجيل الخروج
identity-clients-method = كيف تثبت الخدمة هويتها
identity-clients-method-secret = بسرّ تراه مرة واحدة
identity-clients-method-private-key-jwt = بتوقيع، ومفاتيحه العامة أدناه
identity-clients-method-public = لا تثبتها: برنامج على جهاز الشخص نفسه
identity-clients-keys = المفاتيح العامة (مجموعة JSON)
identity-clients-keys-hint = فقط لخدمة توقّع.
identity-clients-scope-profile = يجوز أن تسأل عن الاسم وتاريخ الميلاد والجنس واللغة
identity-clients-scope-email = يجوز أن تسأل عن البريد الإلكتروني
identity-clients-scope-phone = يجوز أن تسأل عن رقم الهاتف
identity-clients-scope-address = يجوز أن تسأل عن العنوان
identity-clients-refresh = يجوز أن تقرأ في غياب الشخص
identity-clients-own = يجوز أن تكون لها رموز خاصة بها لا تخص أحدا
identity-clients-native = تعمل على جهاز الشخص نفسه
identity-clients-register = سجّل
identity-clients-done = سُجلت الخدمة
identity-clients-id = اسمها للبرامج (client_id)
identity-clients-secret = سرها (client_secret)
identity-clients-secret-once = لا يظهر السر إلا الآن. سلمه إلى المؤسسة بطريقة لا يقرؤها غيرها.
identity-clients-scopes = يجوز أن تسأل عن
identity-clients-withdraw = اسحب { $name }
identity-look-service = { $who }، وهي خدمة دخلت إليها، قرأت ما سمحت لها به.
identity-look-consent = موافقتك أنت
identity-act-consent-given = سمحت لخدمة أن تعرف شيئا عنك
identity-act-consent-revoked = سحبت ما كنت سمحت به لخدمة
identity-act-services-locked = أقفلت الدخول إلى الخدمات
identity-act-services-unlocked = فتحت قفل الدخول إلى الخدمات

# How much speaks for one person.
identity-weigh-for = +{ $whole }٫{ $tenth } بت: أرجح { $times } مرة إن كان شخصًا واحدًا
identity-weigh-against = −{ $whole }٫{ $tenth } بت: أرجح { $times } مرة إن كانا شخصين
identity-weigh-nothing = 0 بت: لا يدل على شيء
identity-weigh = ما يدل على أنه شخص واحد وما ينفيه
identity-weigh-what = البند
identity-weigh-how = وجه التوافق
identity-weigh-weight = مقدار دلالته
identity-weigh-sum = المجموع
identity-weigh-name = الاسم
identity-weigh-born = تاريخ الولادة
identity-weigh-birth-place = مكان الولادة
identity-weigh-sex = الجنس
identity-weigh-mother = اسم الأم
identity-weigh-father = اسم الأب
identity-weigh-home = مكان السكن
identity-weigh-street = أسطر العنوان
identity-weigh-phone = الهاتف
identity-weigh-relatives = قد يكونان من أسرة واحدة، والأقارب يتشابهون كثيرًا
identity-weigh-prior = أغلب كل شخصين لا صلة بينهما
identity-level-same = متطابق
identity-level-misspelled = يختلفان بزلة قلم
identity-level-sounds-alike = متشابه في النطق
identity-level-known-to-stand-for-each-other = يُعرف أن أحدهما يقوم مقام الآخر
identity-level-one-letter-apart-both-names-of-their-own = بينهما حرف واحد، وكلاهما اسم قائم بذاته
identity-level-similar = متشابه
identity-level-initial = حرف أول فقط
identity-level-different = مختلف
identity-level-same-day = اليوم نفسه
identity-level-same-year-no-more-known = السنة نفسها، ولا يُعرف أكثر من ذلك
identity-level-same-year-one-says-no-more = السنة نفسها، وأحدهما لا يذكر غيرها
identity-level-day-and-month-exchanged = تبادل اليوم والشهر
identity-level-one-digit-apart = يختلفان برقم واحد
identity-level-same-day-year-off-by-at-most-3 = اليوم نفسه بفارق ثلاث سنوات على الأكثر
identity-level-same-year-another-day = السنة نفسها في يوم آخر
identity-level-at-most-3-years-apart-day-unknown = بفارق ثلاث سنوات على الأكثر، واليوم مجهول
identity-level-share-a-word = بينهما كلمة مشتركة
identity-level-one-character-apart = يختلفان بعلامة واحدة
identity-level-same-first-half = النصف الأول نفسه
identity-level-same-beginning = البداية نفسها
problem-identity-learn-few = في السجل أقل من 1000 شخص: لا يُتعلَّم شيء من هذا العدد.
problem-identity-learn-few-next = تابع بالنموذج المرفق بالبرنامج.
problem-identity-desk-unknown = ليس في البلد مكتب كهذا، أو ليس فيه غرض duplicate-review.
problem-identity-desk-unknown-next = اذكر مكتبًا من مكاتب البلد وأضف الغرض إلى حزمته.

# Two records that may be one person.
identity-doubles-open = سجلات قد تكون لشخص واحد
identity-doubles-open-hint = قارن سجلين جنبًا إلى جنب، وقرّر مع موظف ثانٍ.
identity-doubles-open-lead = الأقوى أولًا. لا أسماء هنا: فتح الزوج اطّلاع على الشخصين، وسيريان ذلك.
identity-doubles-none = لا يوجد زوج كهذا.
identity-double = هل هما شخص واحد؟
identity-double-open = افتح السجلين
identity-double-seen = سيرى الشخصان أنك اطّلعت ولماذا: للتثبت من كون السجلين لشخص واحد.
identity-double-first = السجل الأول
identity-double-second = السجل الثاني
identity-double-says = { $levels }. { $weight }
identity-double-found = كيف وُجدا
identity-double-found-desk = سُجّل في مكتب رغم ظهور شبيه
identity-double-found-import = جاء مع سجل قديم
identity-double-found-sweep = قورن السجل بنفسه
identity-double-state = الوضع
identity-double-state-open = لم يُقرَّر
identity-double-state-different = شخصان
identity-double-state-merged = شخص واحد
identity-double-model = إصدار الأوزان
identity-double-two = يجب أن يوافق موظفان على ما يُقرَّر هنا. ويُبلَّغ الشخصان مع الإيصال.
identity-double-merge = هما شخص واحد: اجمع السجلين
identity-double-merge-means = يبقى سجل واحد وتقود إليه أرقام السجلين وبطاقاتهما وحساباتهما وتاريخهما. ويمكن الرجوع عن ذلك.
identity-double-different = هما شخصان
identity-double-different-means = يخرج الزوج من القائمة ولا يعود إلا إن طُرح السؤال من جديد.
identity-double-split = تراجع: هما شخصان في الواقع
identity-double-split-means = يعود السجلان كما كانا تمامًا.
identity-double-reopen = اطرح السؤال من جديد
identity-double-reopen-means = يعود الزوج إلى القائمة.
identity-double-keep = أي السجلين يبقى؟
identity-double-ground = السبب: القانون، والأوراق المعروضة، ومن سُمع
identity-double-ground-hint = لا تكتب أسماء: يبقى هذا مقروءًا بعد محو الأشخاص.
identity-double-done = نُفّذ القرار
identity-absorbed = سجل ضُمّ إلى سجلك
identity-absorbed-text = وجد موظفان أن سجلًا آخر هو سجلك أيضًا. كل ما فيه محفوظ وتراه هنا. إن كان ذلك خطأ فاشتكِ: يجيبك شخص من خارج المكتب.
identity-absorbed-standing = الاطّلاعات على السجل الباقي
identity-absorbed-looks = الاطّلاعات على السجل المضموم { $number }
identity-merge-complain = هذا خطأ: اشتكِ
identity-act-records-merged = وُجد أن سجلك وسجلًا آخر لشخص واحد
identity-act-records-different = وُجد أن سجلك وسجلًا شبيهًا لشخصين
identity-act-records-split = فُصلت سجلات كانت مضمومة
identity-act-records-reopened = يُسأل من جديد إن كان سجلك وسجل شبيه لشخص واحد
problem-identity-double-altered = عُدّل الزوج في قاعدة البيانات: لا يُبنى عليه قرار.
problem-identity-double-altered-next = أبلغ من يشغّل الجهاز وقارن السجل من جديد.
problem-identity-double-changed = تغيّر الزوج أو أحد السجلين بعد طلب القرار.
problem-identity-double-changed-next = افتح السجلين من جديد وقدّم طلبًا جديدًا.
problem-identity-double-state = الزوج في وضع آخر: لا يمكن تقرير ذلك الآن.
problem-identity-double-state-next = افتح الزوج من جديد. السجل المضموم إلى ثالث يُفصل عنه أولًا.
